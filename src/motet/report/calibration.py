"""Reliability: what was promised against what came, per task that promises a probability."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from motet.report.figures import count, known, number, percent
from motet.report.markup import Child, Html, el, join, named
from motet.report.saved import Saved
from motet.report.section import section, table
from motet.report.svg import dot, lines, picture, upright
from motet.report.words import Words

SMALLEST, LARGEST = 2.5, 6.0
"""Radii in pixels; the area of a dot goes with how many questions it stands for."""

FEWEST = 20
"""Neighbouring groups are drawn as one until each holds this many questions: fewer make a line that means nothing."""

_PROMISES = {"binary": "yes", "relation": "yes", "class": "class", "ordinal": "grade", "rating": "grade"}
"""What the probability is about, by kind of task."""

Bin = Mapping[str, Any]


def calibration(saved: Saved, words: Words) -> Html | None:
    """Return the section, or None where no task promises probabilities."""
    cards = []
    for task, bins in (saved.metrics.get("calibration") or {}).items():
        usable = [each for each in bins or [] if known(each.get("confidence")) and known(each.get("frequency"))]
        if usable:
            head = el("div", el("h3", named(task)), _error(saved, task), class_="card-head")
            drawing = diagram(task, together(usable), words)
            cards.append(el("div", head, _about(saved, task, words), drawing, class_="card"))
    drawn = [el("div", join(cards), class_="cards tiny")] if cards else []
    drawn += [each for each in (_groups(saved, words), _intervals(saved, words)) if each is not None]
    return section("calibration", words, *drawn) if drawn else None


def together(bins: Sequence[Bin]) -> list[Bin]:
    """Return the groups, neighbours put together until each holds FEWEST questions; groups without a count stay."""
    found: list[dict[str, Any]] = []
    for each in bins:
        count, last = int(each.get("count") or 0), found[-1] if found else None
        if last is None or not count or last["count"] >= FEWEST:
            found.append({**each, "count": count})
        else:
            _join(last, each, count)
    if len(found) > 1 and 0 < found[-1]["count"] < FEWEST:
        last = found.pop()
        _join(found[-1], last, last["count"])
    return list(found)


def _join(group: dict[str, Any], other: Bin, count: int) -> None:
    """Add `count` questions to a group; both means become those of all."""
    total = group["count"] + count
    for key in ("confidence", "frequency"):
        group[key] = (group[key] * group["count"] + other[key] * count) / total
    group["count"] = total


def _about(saved: Saved, task: str, words: Words) -> Html | None:
    """What was promised: the probability of what."""
    key = _PROMISES.get(saved.kinds.get(task, ""))
    return el("p", words(f"promise_{key}"), class_="aside") if key else None


def _error(saved: Saved, task: str) -> Html | None:
    error, before = saved.judged.get(task, {}).get("ece"), (saved.metrics.get("uncalibrated") or {}).get(task, {})
    if not known(error):
        return None
    first = f"{number(before['ece'])} → " if known(before.get("ece")) else ""
    return el("p", f"ece {first}{number(error)}", class_="aside digits")


def _groups(saved: Saved, words: Words) -> Html | None:
    """How well promises are kept within groups of questions."""
    found = saved.metrics.get("calibration_slices") or []
    if not found:
        return None
    heads: list[Child] = [words("task_name"), words("group"), words("questions"), words("promised"), words("came")]
    rows: list[list[Child]] = [
        [
            named(row["task"]),
            f"{words.known(row['slice'])}: {words.known(row['label'])}",
            count(row["n"]),
            percent(row["promised"]),
            percent(row["came"]),
            number(row["before"]),
            number(row["ece"]),
        ]
        for row in found
    ]
    heads += [words("ece_before"), "ece"]
    return _told(
        "calibration_groups", table(heads, rows, label=words("calibration_groups"), numbers=range(2, 7)), words
    )


def _intervals(saved: Saved, words: Words) -> Html | None:
    """How many truths the intervals around numbers hold."""
    found = saved.metrics.get("intervals") or {}
    if not found:
        return None
    heads: list[Child] = [words("task_name"), words("promised"), words("came"), words("width"), words("questions")]
    rows: list[list[Child]] = [
        [
            named(task),
            percent(each["level"], decimals=0),
            percent(each["coverage"]),
            number(each["median_width"]),
            count(each["questions"]),
        ]
        for task, each in found.items()
    ]
    return _told("intervals", table(heads, rows, label=words("intervals"), numbers=range(1, len(heads))), words)


def _told(key: str, shown: Html, words: Words) -> Html:
    """A table under its heading and a sentence that says what it shows."""
    return join([el("h3", words(key)), el("p", words(f"{key}_lead"), class_="lead"), shown])


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
