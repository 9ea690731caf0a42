"""What sharing costs and saves: pairs of bars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from motet.report.figures import compact, duration, known, milliseconds, short_percent
from motet.report.markup import Html, el, join
from motet.report.saved import Saved
from motet.report.section import note, section
from motet.report.svg import bar, picture
from motet.report.words import Words

PAIRS: tuple[tuple[str, str, str, Callable[[Any], str]], ...] = (
    ("parameters", "parameters", "twin_parameters", compact),
    ("training", "train_seconds", "twin_seconds", duration),
    ("latency", "latency_ms", "twin_latency_ms", milliseconds),
)


def saved_share(sharing: Any, ours: str = "parameters", theirs: str = "twin_parameters") -> float | None:
    """Return which share of the twins' sum is saved (negative: spent on top), or None where it was not measured."""
    shared, twins = (sharing or {}).get(ours), (sharing or {}).get(theirs)
    return 1.0 - shared / twins if known(shared) and known(twins) and twins > 0 else None


def savings(saved: Saved, words: Words) -> Html | None:
    """Return the section, or None without a certificate."""
    if saved.certificate is None:
        return None
    sharing = saved.certificate.get("sharing") or {}
    pairs = [
        _pair(words(key), sharing[ours], sharing[theirs], show, words)
        for key, ours, theirs, show in PAIRS
        if saved_share(sharing, ours, theirs) is not None
    ]
    return section("savings", words, el("div", join(pairs), class_="cards") if pairs else note(words))


def _pair(name: str, ours: float, theirs: float, show: Callable[[Any], str], words: Words) -> Html:
    widest = max(ours, theirs)
    change = 1.0 - ours / theirs
    said = words("same")
    if abs(change) >= 0.0005:
        said = words("less" if change > 0 else "more", share=short_percent(abs(change)))
    rows = [
        (words("ships"), ours, "joint-fill"),
        (words("all_twins"), theirs, "twin-fill"),
    ]
    bars = [
        el(
            "div",
            el("span", label, class_="bar-name"),
            picture(bar(0, 100 * value / widest, class_), class_="bar"),
            el("span", show(value), class_="digits"),
            class_="bar-row",
        )
        for label, value, class_ in rows
    ]
    return el("div", el("h3", name), el("p", said, class_="big"), *bars, class_="card")
