"""Recipes that say they are the same recipe on other data are: only the data differs."""

from __future__ import annotations

import tomllib
from typing import Any

from ._tree import ROOT


def recipe(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / "recipes" / f"{name}.toml").read_text(encoding="utf-8"))


def test_sports_is_beauty_on_other_data() -> None:
    beauty, sports = recipe("beauty"), recipe("sports")
    beauty.pop("project"), sports.pop("project")
    for tables in (beauty["tables"], sports["tables"]):
        tables["events"].pop("path"), tables["items"].pop("path")
    assert beauty["tables"]["items"]["columns"].pop("title") == "text", "sports has no titles"
    assert sports == beauty
