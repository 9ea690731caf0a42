"""The page of a search: the score over time, what mattered, what the best settings change, every trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from motet.report.figures import duration, known, number, percent
from motet.report.markup import Html, el, join, named
from motet.report.section import table
from motet.report.shell import page_of, titled
from motet.report.svg import axis, bar, dot, lines, picture, upright


def search_page(record: Mapping[str, Any]) -> str:
    """Return a search's record as one HTML file that loads nothing.

    record: name, objective, passes, best, gain, changes (key → from, to), importance (key → share), and trials
    (number, state, score, passes, seconds, settings, why).
    """
    tried = [trial for trial in record["trials"] if known(trial["score"])]
    claim = (
        f"Trial {record['best']}: {percent(record['gain'], sign=True)} against the project's own settings."
        if record["changes"]
        else "Nothing better than the project's own settings was found."
    )
    about = (
        f"{len(tried)} of {len(record['trials'])} trials came to a score; at most {record['passes']} passes each; "
        f"objective: {record['objective']}, on validation half A."
    )
    header = el(
        "header",
        el("p", el("span", "Motet", class_="wordmark"), " search", class_="kicker"),
        el("h1", named(str(record["name"]))),
        el("p", claim, class_="claim"),
        el("p", about, class_="facts"),
    )
    parts = [
        titled("changes", "What changes", _changes(record["changes"])),
        titled("course", "Score over trials", _course(tried)),
        titled("mattered", "What mattered", _mattered(record["importance"])),
        titled("trials", "All trials", _trials(record["trials"])),
    ]
    return page_of(f"{record['name']} · Motet search", el("main", header, *parts))


def _changes(changes: Mapping[str, Mapping[str, Any]]) -> Html:
    if not changes:
        return el("p", "Nothing: the project stays as it is.", class_="nothing")
    rows = [[named(key), shown(each["from"]), shown(each["to"])] for key, each in changes.items()]
    return table(["key", "from", "to"], rows, label="What changes")


def _course(tried: Sequence[Mapping[str, Any]]) -> Html:
    """Every trial's score as a dot, and the best so far as a line."""
    if not tried:
        return el("p", "No trial came to a score.", class_="nothing")
    scores = [100 * trial["score"] for trial in tried]
    scale = axis(max(min(scores), -100.0), max(scores))
    best = list(accumulate(scores, max))

    def at(place: int, score: float) -> tuple[float, float]:
        return 100.0 * (place + 0.5) / len(tried), 100.0 - scale.inside(score)

    dots = []
    for place, (trial, score) in enumerate(zip(tried, scores, strict=True)):
        x, y = at(place, score)
        told = f"trial {trial['number']}: {percent(trial['score'], sign=True)}, {trial['passes']} passes"
        dots.append(dot(x, f"{y:.4g}%", 3.0 if trial["state"] == "complete" else 2.0, "promise", told))
    drawn = picture(
        upright(0, "grid"),
        lines([([at(place, value) for place, value in enumerate(best)], "curve joint")]),
        *dots,
        label=f"Best score from {number(best[0])} % to {number(best[-1])} % over {len(tried)} trials.",
        class_="plot",
    )
    sides = [el("span", f"{number(scale.high)} %"), el("span", f"{number(scale.low)} %")]
    ends = [el("span", "first trial"), el("span", "last trial")]
    frame = el(
        "div",
        el("div", *sides, class_="y digits", aria_hidden="true"),
        drawn,
        el("div", *ends, class_="x digits", aria_hidden="true"),
        class_="plot-frame",
    )
    words = "Relative to the project's own settings. Small dots: trials that were cut short. Line: the best so far."
    return el("div", frame, el("p", words, class_="aside"), class_="card")


def _mattered(importance: Mapping[str, float]) -> Html:
    """A bar per key."""
    if not importance:
        return el("p", "Too few trials came to different scores to tell.", class_="nothing")
    rows = []
    for key, share in sorted(importance.items(), key=lambda pair: -pair[1]):
        strip = el("svg", bar(0, 100 * share, "joint-fill"), class_="bar", role="img", aria_label=percent(share))
        rows.append(el("div", named(key), el("span", percent(share), class_="digits"), strip, class_="bar-row"))
    words = (
        "The share of each key in what made scores differ (fANOVA over the trials). It says nothing about other ranges."
    )
    return el("div", join(rows), el("p", words, class_="aside"), class_="card")


def _trials(trials: Sequence[Mapping[str, Any]]) -> Html:
    rows = [
        [
            str(trial["number"]),
            trial["state"],
            percent(trial["score"], sign=True),
            str(trial["passes"]),
            duration(trial["seconds"]),
            ", ".join(f"{key} {shown(value)}" for key, value in trial["settings"].items())
            or trial["why"]
            or "the project's own settings",
        ]
        for trial in trials
    ]
    return table(["trial", "state", "score", "passes", "time", "settings"], rows, label="All trials", numbers=(2, 3, 4))


def shown(value: Any) -> str:
    """Return a setting as people read it."""
    if value is None:
        return "chosen by itself"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
