"""Chinese characters: how they are recognised, and traditional ones made simplified."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from motet.errors import MissingExtra

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")


def simplified(text: str) -> str:
    """Return the text in simplified characters, one for one; MissingExtra where opencc is not installed.

    Characters alone: OpenCC's phrases, which choose between the few that have two forms, take a hundred times as long.
    """
    return text.translate(_table())


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    spec = find_spec("opencc")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra("opencc-python-reimplemented, which knows traditional characters,", "language")
    lines = Path(next(iter(spec.submodule_search_locations)), "dictionary", "TSCharacters.txt").read_text("utf-8")
    pairs = (line.split() for line in lines.splitlines() if line.strip())
    return {ord(traditional): first for traditional, first, *_ in pairs if len(traditional) == 1}
