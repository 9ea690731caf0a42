"""The front of the objectives that tuning found, its knee, and what the chosen weights did to users without a say."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from motet.report.figures import count, known, number
from motet.report.markup import Child, Html, el, join, named
from motet.report.saved import Saved
from motet.report.section import section, table
from motet.report.svg import axis, bar, dot, picture, upright
from motet.report.words import Words

SMALL, LARGE = 2.5, 6.0


def pareto(saved: Saved, words: Words) -> Html | None:
    """Return the section, or None where weights were not tuned. Each objective is drawn against the one before it."""
    found = saved.weights
    points = found.get("front") or []
    if not points:
        return None
    tasks = list(points[0]["objectives"])
    cards = [
        el("div", el("h3", named(up), " / ", named(across)), diagram(found, across, up, words), class_="card")
        for across, up in pairwise(tasks)
    ]
    return section("pareto", words, el("div", join(cards), class_="cards tiny"), _certified(found, words))


def diagram(found: Mapping[str, Any], across: str, up: str, words: Words) -> Html:
    """Return the front in two objectives: small dots, a large one for the knee, a square for what was before."""
    points, knee, now = found["front"], found["knee"], found["now"]
    every = [*points, knee, now]
    x, y = (_axis([each["objectives"][task] for each in every]) for task in (across, up))

    def at(point: Mapping[str, Any]) -> tuple[float, float]:
        return x.inside(point["objectives"][across]), 100.0 - y.inside(point["objectives"][up])

    def said(point: Mapping[str, Any]) -> str:
        return ", ".join(f"{task} {weight:g}" for task, weight in point["weights"].items())

    dots = [dot(at(each)[0], f"{at(each)[1]:.4g}%", SMALL, "promise", said(each)) for each in points]
    left, top = at(now)
    drawing = picture(
        upright(50, "grid"),
        *dots,
        bar(max(0.0, left - 2), 4, "few-fill", y=f"{max(0.0, top - 2):.4g}%", height="4%"),
        dot(at(knee)[0], f"{at(knee)[1]:.4g}%", LARGE, "promise", said(knee)),
        label=words("pareto_label", count=count(len(points)), across=across, up=up, knee=said(knee)),
        class_="plot square",
    )
    ends = [el("span", number(x.low)), el("span", across), el("span", number(x.high))]
    sides = [el("span", number(y.high)), el("span", up), el("span", number(y.low))]
    return el(
        "div",
        el("div", *sides, class_="y digits", aria_hidden="true"),
        drawing,
        el("div", *ends, class_="x digits", aria_hidden="true"),
        class_="plot-frame",
    )


def _axis(values: list[float]) -> Any:
    return axis(min(values), max(values))


def _certified(found: Mapping[str, Any], words: Words) -> Html:
    heads: list[Child] = [words("objective"), words("weights_before"), words("weights_after"), "Δ", "95 %"]
    rows: list[list[Child]] = []
    for task, each in found["objectives"].items():
        ends = f"{number(each['low'])} – {number(each['high'])}" if known(each["low"]) else "–"
        rows.append([named(task), number(each["before"]), number(each["after"]), number(each["difference"]), ends])
    label = words("pareto_found", users=count(found["users"]["test"]))
    return el("div", el("h3", label), table(heads, rows, label=label, numbers=range(1, len(heads))))
