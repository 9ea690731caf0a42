"""The words of explanations, in English and Chinese. Names from the data stay as they are."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@cache
def phrases() -> dict[str, list[str]]:
    """Return every phrase by its key: English, Chinese."""
    return tomllib.loads(files("motet.recommend").joinpath("words.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Words:
    """The phrases of one language: `zh`, or English for any other."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """Return a phrase with its values filled in."""
        return phrases()[key][self.language == "zh"].format(**values)

    def list(self, parts: Sequence[str]) -> str:
        """Return parts as an enumeration."""
        return ("，" if self.language == "zh" else ", ").join(parts)
