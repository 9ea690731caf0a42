"""The kinds that `auto` chooses from: data, with a phrase for each (kinds.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

Section = Literal["sharing", "balance"]


@cache
def kinds_of(section: Section) -> Mapping[str, str]:
    """Return the candidates of a section, the plain one first: short name → what it is, in a phrase."""
    text = files("motet.transfer.advise").joinpath("kinds.toml").read_text(encoding="utf-8")
    found: dict[str, str] = tomllib.loads(text)[section]
    return found
