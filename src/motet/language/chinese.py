"""Chinese: its characters, traditional ones made simplified, and jieba, which finds its words."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from motet.errors import MissingExtra

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")


def simplified(text: str) -> str:
    """Return the text in simplified characters, one for one; MissingExtra where opencc is not installed.

    Characters alone: OpenCC's phrases, which choose between the few that have two forms, take a hundred times as long.
    """
    return text.translate(_table())


def has_segmenter() -> bool:
    """Tell whether Chinese can be cut into words here."""
    return find_spec("jieba") is not None


@lru_cache(maxsize=1)
def segmenter() -> Any:
    """Return jieba with its own dictionary, loaded once.

    Loaded from the text dictionary (about a second): jieba would otherwise read a marshalled copy from the shared
    temporary folder, which anybody may have written, and announce it on standard error.
    """
    if not has_segmenter():
        raise MissingExtra("jieba, which cuts Chinese text into words,", "language")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba 0.42 has old escapes and asks for pkg_resources
        import jieba
    cutter = jieba.Tokenizer()
    with cutter.get_dict_file() as dictionary:
        cutter.FREQ, cutter.total = cutter.gen_pfdict(dictionary)
    cutter.initialized = True
    return cutter


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    spec = find_spec("opencc")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra("opencc-python-reimplemented, which knows traditional characters,", "language")
    lines = Path(next(iter(spec.submodule_search_locations)), "dictionary", "TSCharacters.txt").read_text("utf-8")
    pairs = (line.split() for line in lines.splitlines() if line.strip())
    return {ord(traditional): first for traditional, first, *_ in pairs if len(traditional) == 1}
