"""Data health: what was read and set aside, and the labels of every task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motet.report.figures import DASH, count, known, percent
from motet.report.markup import Child, Html, el, join, named
from motet.report.saved import Saved
from motet.report.section import note, section, table
from motet.report.svg import bar, picture
from motet.report.words import Words

PARTS = ("train", "valid", "test")


def health(saved: Saved, words: Words) -> Html:
    """Return the section."""
    data = saved.data
    if not data:
        return section("health", words, note(words))
    return section(
        "health",
        words,
        _facts(data, words),
        _tables(data["tables"], words) if data.get("tables") else None,
        _labels(data["tasks"], words) if data.get("tasks") else None,
    )


def _facts(data: Mapping[str, Any], words: Words) -> Html:
    facts: list[tuple[str, Child]] = []
    if data.get("split"):
        facts.append((words("split"), el("code", str(data["split"]))))
    facts.append((words("removed"), _reasons(data.get("removed"), words)))
    if known(data.get("truncated_texts")):
        facts.append((words("truncated"), count(data["truncated_texts"])))
    if data.get("cut_texts"):
        facts.append((words("cut_texts"), count(data["cut_texts"])))
    return el("dl", *(el("div", el("dt", term), el("dd", said)) for term, said in facts), class_="pairs")


def _tables(tables: Mapping[str, Any], words: Words) -> Html:
    heads = [words(key) for key in ("table", "rows_read", "rows_kept", "duplicates", "quarantined", "outliers")]
    rows: list[list[Child]] = [
        [
            named(name),
            *(count(each.get(key)) for key in ("rows_read", "rows", "duplicates", "quarantined")),
            _reasons(each.get("outliers"), words),
        ]
        for name, each in tables.items()
    ]
    return join([el("h3", words("tables")), table(heads, rows, label=words("tables"), numbers=(1, 2, 3, 4))])


def _labels(tasks: Mapping[str, Any], words: Words) -> Html:
    heads = [words("task_name"), *(words(part) for part in PARTS), words("parts"), words("coverage"), words("left_out")]
    rows: list[list[Child]] = [
        [
            named(name),
            *(count(each.get(part)) for part in PARTS),
            _divided(each, words),
            percent(each.get("coverage")),
            _reasons(each.get("left_out"), words),
        ]
        for name, each in tasks.items()
    ]
    return join([el("h3", words("labels")), table(heads, rows, label=words("labels"), numbers=(1, 2, 3, 5))])


def _divided(each: Mapping[str, Any], words: Words) -> Html | str:
    """A bar of the three parts; the numbers stand beside it."""
    sizes = [float(each[part]) if known(each.get(part)) else 0.0 for part in PARTS]
    total = sum(sizes)
    if total <= 0:
        return DASH
    drawn, start = [], 0.0
    for part, size in zip(PARTS, sizes, strict=True):
        drawn.append(bar(start, 100 * size / total, f"part-{part}"))
        start += 100 * size / total
    shares = ", ".join(f"{words(part)} {percent(s / total, decimals=0)}" for part, s in zip(PARTS, sizes, strict=True))
    return picture(*drawn, label=shares, class_="parts")


def _reasons(reasons: Mapping[str, Any] | None, words: Words) -> Html | str:
    if not reasons:
        return words("none")
    return join((join([named(words.known(name)), " ", count(number)]) for name, number in reasons.items()), ", ")
