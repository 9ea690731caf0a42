"""The page's own words, in English and Chinese. Names from the data stay as they are."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def phrases() -> dict[str, list[str]]:
    """Return every phrase by its key: English, Chinese."""
    return tomllib.loads(files("motet.report").joinpath("words.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Words:
    """The phrases of one language."""

    language: str

    @property
    def code(self) -> str:
        """The language as HTML names it."""
        return "zh-Hans" if self.language == "zh" else "en"

    def __call__(self, key: str, **values: Any) -> str:
        """Return a phrase with its values filled in."""
        phrase = phrases()[key][self.language == "zh"]
        return phrase.format(**values) if values else phrase

    def count(self, key: str, number: int) -> str:
        """Return how many of something there are, in the singular or plural."""
        one, _, many = self(key).partition("|")
        return f"{number:,} {one if number == 1 or not many else many}"

    def known(self, name: Any) -> str:
        """Return a name in this language if it is one that Motet gives, else the name itself."""
        return self(str(name)) if str(name) in phrases() else str(name)

    def list(self, parts: list[str]) -> str:
        """Return parts as an enumeration."""
        return ("；" if self.language == "zh" else "; ").join(parts)

    def listed(self, parts: Sequence[str]) -> str:
        """Return short parts one after the other."""
        return ("、" if self.language == "zh" else ", ").join(parts)

    @property
    def stop(self) -> str:
        """The end of a sentence."""
        return "。" if self.language == "zh" else "."


def words(language: str) -> Words:
    """Return the phrases of a project's language; anything but Chinese reads English."""
    return Words("zh" if language == "zh" else "en")
