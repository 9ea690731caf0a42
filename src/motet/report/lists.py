"""The health of lists: what is shown beside what hits, per task that ranks."""

from __future__ import annotations

from motet.report.figures import number
from motet.report.markup import Child, Html, named
from motet.report.saved import Saved
from motet.report.section import section, table
from motet.report.words import Words, phrases


def lists(saved: Saved, words: Words) -> Html | None:
    """Return the section, or None where nothing ranks."""
    found = saved.metrics.get("lists") or {}
    if not found:
        return None
    names = list(dict.fromkeys(name for each in found.values() for name in each))
    heads: list[Child] = [words("measure"), *(named(task) for task in found)]
    rows: list[list[Child]] = [
        [_called(name, words), *(number(each.get(name)) for each in found.values())] for name in names
    ]
    return section("lists", words, table(heads, rows, label=words("lists"), numbers=range(1, len(heads))))


def _called(name: str, words: Words) -> str:
    family, _, cutoff = name.partition("@")
    key = f"health_{family}"
    return f"{words(key)} @{cutoff}" if key in phrases() else name
