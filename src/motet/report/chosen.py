"""What was chosen where the project left a kind open, and how the candidates did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motet.report.figures import DASH, duration, known, percent, short_percent
from motet.report.markup import Html, el, join, named
from motet.report.saved import Saved
from motet.report.section import section, table
from motet.report.words import Words


def chosen(saved: Saved, words: Words) -> Html | None:
    """Return the section, or None where the project left nothing open."""
    found = saved.metrics.get("chosen") or {}
    if not found:
        return None
    return section("chosen", words, *(_one(name, each, words) for name, each in found.items()))


def _one(name: str, found: Mapping[str, Any], words: Words) -> Html:
    """One section of the project file: the sentence, the candidates, the cost."""
    rows = [
        [named(str(each.get("kind"))), _passes(each.get("passes")), percent(each.get("score"), sign=True)]
        for each in found.get("tried") or []
    ]
    heads = [words(key) for key in ("candidate", "passes", "relative_score")]
    shown = table(heads, rows, label=f"{name}: {words('candidate')}", numbers=(1, 2)) if rows else None
    cost = el("p", words("chosen_cost", seconds=duration(found.get("seconds"))), class_="aside")
    return join([el("h3", name), el("p", _sentence(name, found, words)), shown, cost])


def _sentence(name: str, each: Mapping[str, Any], words: Words) -> str:
    kind, plain = str(each.get("kind") or DASH), str(each.get("plain") or DASH)
    score = next((trial.get("score") for trial in each.get("tried") or [] if trial.get("kind") == kind), None)
    if kind == plain or not known(score):
        return words("chosen_plain", section=name, kind=kind)
    return words("chosen_better", section=name, kind=kind, plain=plain, score=short_percent(float(score or 0.0)))


def _passes(value: Any) -> str:
    return f"{value:.1f}" if known(value) else DASH
