"""Reliability: what was promised against what came, per task that promises a probability."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from motet.report.figures import count, known, number, percent
from motet.report.markup import Html, el, join, named
from motet.report.saved import Saved
from motet.report.section import section
from motet.report.svg import dot, lines, picture, upright
from motet.report.words import Words

SMALLEST, LARGEST = 2.5, 6.0
"""Radii in pixels; the area of a dot goes with how many questions it stands for."""

Bin = Mapping[str, Any]


def calibration(saved: Saved, words: Words) -> Html | None:
    """Return the section, or None where no task promises probabilities."""
    cards = []
    for task, bins in (saved.metrics.get("calibration") or {}).items():
        usable = [each for each in bins or [] if known(each.get("confidence")) and known(each.get("frequency"))]
        if usable:
            error = saved.judged.get(task, {}).get("ece")
            said = el("p", f"ece {number(error)}", class_="aside digits") if known(error) else None
            head = el("div", el("h3", named(task)), said, class_="card-head")
            cards.append(el("div", head, diagram(task, usable, words), class_="card"))
    return section("calibration", words, el("div", join(cards), class_="cards tiny")) if cards else None


def diagram(task: str, bins: Sequence[Bin], words: Words) -> Html:
    """Return one task's reliability diagram; both axes run from 0 to 1."""
    most = max(int(each.get("count") or 0) for each in bins) or 1
    points = [(100.0 * each["confidence"], 100.0 * (1.0 - each["frequency"])) for each in bins]
    dots = [
        dot(x, f"{y:.4g}%", _radius(int(each.get("count") or 0), most), "promise", _said(each, words))
        for (x, y), each in zip(points, bins, strict=True)
    ]
    drawing = picture(
        upright(50, "grid"),
        lines([([(0, 50), (100, 50)], "grid"), ([(0, 100), (100, 0)], "diagonal"), (points, "curve joint")]),
        *dots,
        label=words("calibration_label", task=task, bins=words.list([_said(each, words) for each in bins])),
        class_="plot square",
    )
    return el(
        "div",
        el("div", el("span", "1"), el("span", words("came")), el("span", "0"), class_="y digits", aria_hidden="true"),
        drawing,
        el(
            "div",
            el("span", "0"),
            el("span", words("promised")),
            el("span", "1"),
            class_="x digits",
            aria_hidden="true",
        ),
        class_="plot-frame",
    )


def _radius(questions: int, most: int) -> float:
    return max(SMALLEST, LARGEST * math.sqrt(questions / most))


def _said(each: Bin, words: Words) -> str:
    promised, came = percent(each["confidence"], decimals=0), percent(each["frequency"], decimals=0)
    return words("calibration_bin", promised=promised, came=came, n=count(each.get("count")))
