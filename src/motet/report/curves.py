"""Learning curves: per task, its metric by pass, for the joint model and the twin, a thin line per seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from statistics import mean, median

from motet.report.figures import compact, known, number
from motet.report.markup import Html, el, join, named
from motet.report.saved import Saved, lower_is_better
from motet.report.section import metric_name, note, section
from motet.report.svg import dot, lines, picture, upright
from motet.report.words import Words

MOST_POINTS = 150
"""Longer curves are thinned, so that the page stays small."""

DEPTH = 3.0
FLATTENED = 5.0
"""Where values reach more than FLATTENED times as far, drawing ends DEPTH distances from the middle to the top below
the middle: a bad first pass must not flatten all that follow."""

_LIMITS = {"qwk": (-1.0, 1.0), "ece": (0.0, 1.0)}
"""Of metrics that are neither shares nor errors without an end."""


@dataclass(frozen=True)
class Curve:
    """One run's values: (epoch, value) in order, and the epoch whose weights are kept (None where unknown)."""

    arm: str
    seed: int
    points: tuple[tuple[int, float], ...]
    best: int | None

    @property
    def kept(self) -> tuple[int, float] | None:
        """The point of the kept epoch."""
        return next((point for point in self.points if point[0] == self.best), None)


def curves(saved: Saved, words: Words) -> Html:
    """Return the section: scores, and folded away the losses."""
    scores = _grid(saved, "score", words)
    losses = _grid(saved, "loss", words)
    if scores is None and losses is None:
        return section("curves", words, note(words))
    folded = el("details", el("summary", words("losses")), losses) if losses is not None else None
    return section("curves", words, _legend(saved, words), scores, folded)


def curves_of(saved: Saved, task: str, what: str) -> list[Curve]:
    """Return a task's curves, twins first so that the joint model is drawn above; what: `score` or `loss`.

    A score is the metric that judges the task, in its own unit: errors, which training turns round, are positive again.
    """
    column = f"{what}/{task}"
    sign = -1.0 if what == "score" and lower_is_better(saved.primary(task)) else 1.0
    runs: dict[tuple[str, int], list[tuple[int, float]]] = {}
    best: dict[tuple[str, int], int] = {}
    for row in saved.log:
        arm, value, epoch = row.get("arm"), row.get(column), row.get("epoch")
        if arm not in ("joint", task) or not known(epoch):
            continue
        run = ("joint" if arm == "joint" else "twin", int(row.get("seed") or 0))
        if known(value):
            runs.setdefault(run, []).append((int(epoch), sign * float(value)))
        if row.get("best"):
            best[run] = max(int(epoch), best.get(run, 0))
    found = [Curve(arm, seed, tuple(sorted(points)), best.get((arm, seed))) for (arm, seed), points in runs.items()]
    return sorted(found, key=lambda curve: (curve.arm == "joint", curve.seed))


def plot(drawn: Sequence[Curve], *, label: str, across: str, span: tuple[float, float]) -> Html:
    """Return the picture of some curves; across: what the x axis counts, span: the range to draw."""
    low, high = span
    last = max(epoch for curve in drawn for epoch, _ in curve.points)

    def at(epoch: int, value: float) -> tuple[float, float]:
        return 100.0 * epoch / max(1, last), 100.0 * (high - value) / (high - low)

    strokes = [([at(*point) for point in _thin(curve)], f"curve {curve.arm}") for curve in drawn]
    # A run that stopped after one pass has no line, but it has a point.
    kept = [(curve, curve.kept or (curve.points[0] if len(curve.points) == 1 else None)) for curve in drawn]
    dots = [
        dot(at(*point)[0], f"{at(*point)[1]:.4g}%", 3.2, f"kept {curve.arm}", f"{point[0] + 1}: {number(point[1])}")
        for curve, point in kept
        if point is not None and low <= point[1] <= high
    ]
    drawing = picture(upright(0, "edge"), lines(strokes), *dots, label=label, class_="plot")
    return el(
        "div",
        el("div", el("span", _end(high)), el("span", _end(low)), class_="y digits", aria_hidden="true"),
        drawing,
        el(
            "div", el("span", "1"), el("span", across), el("span", str(last + 1)), class_="x digits", aria_hidden="true"
        ),
        class_="plot-frame",
    )


def bounds(
    values: Sequence[float], *, lower: bool = False, limits: tuple[float, float] = (-inf, inf)
) -> tuple[float, float]:
    """Return the range that is drawn: all values, but for those very far on the bad side of the middle.

    lower: small values are good, so a high start is what gets cut off. limits: what the metric can be; the range of a
    flat curve ends there.
    """
    low, high, middle = min(values), max(values), median(values)
    good, whole = (middle - low if lower else high - middle), high - low
    if good > 0 and whole > FLATTENED * (1 + DEPTH) * good:
        low, high = (low, middle + DEPTH * good) if lower else (middle - DEPTH * good, high)
    if high - low < 1e-9 * max(1.0, abs(high)):
        return max(limits[0], low - 0.5 * (abs(low) or 1.0)), min(limits[1], high + 0.5 * (abs(high) or 1.0))
    return low, high


def limits_of(metric: str | None) -> tuple[float, float]:
    """Return the least and the greatest that a metric can be."""
    family = (metric or "").partition("@")[0]
    return _LIMITS.get(family, (0.0, inf if lower_is_better(metric) else 1.0))


def _end(value: float) -> str:
    """Return an end of the range, short enough to stand beside the picture."""
    return compact(value) if abs(value) >= 1e4 else number(value)


def _thin(curve: Curve) -> list[tuple[int, float]]:
    step = -(-len(curve.points) // MOST_POINTS)
    chosen = {*range(0, len(curve.points), step), len(curve.points) - 1}
    return [point for at, point in enumerate(curve.points) if at in chosen or point[0] == curve.best]


def _grid(saved: Saved, what: str, words: Words) -> Html | None:
    cells = []
    for task in saved.tasks:
        drawn = curves_of(saved, task, what)
        if drawn:
            cells.append(_cell(saved, task, what, drawn, words))
    return el("div", join(cells), class_="cards small") if cells else None


def _cell(saved: Saved, task: str, what: str, drawn: Sequence[Curve], words: Words) -> Html:
    metric = saved.primary(task)
    lower = what == "loss" or lower_is_better(metric)
    values = [value for curve in drawn for _, value in curve.points]
    span = bounds(values, lower=lower, limits=limits_of(metric) if what == "score" else (-inf, inf))
    label = words("curve_label", task=task, arms=words.list(_said(drawn, words)))
    name = metric_name(metric, lower=lower) if what == "score" else metric_name(words("loss"), lower=True)
    head = el("div", el("h3", named(task)), el("p", name, class_="aside"), class_="card-head")
    return el(
        "div", head, plot(drawn, label=label, across=words("pass"), span=span), _cut(values, span, words), class_="card"
    )


def _cut(values: Sequence[float], span: tuple[float, float], words: Words) -> Html | None:
    """What is said where the picture leaves a bad start out."""
    beyond = [value for value in values if not span[0] <= value <= span[1]]
    if not beyond:
        return None
    worst = max(beyond, key=lambda value: max(span[0] - value, value - span[1]))
    return el("p", words("curve_cut", value=_end(worst)), class_="aside")


def _said(drawn: Sequence[Curve], words: Words) -> list[str]:
    """Per arm, its kept values in the mean over seeds."""
    said = []
    for arm in ("joint", "twin"):
        kept = [curve.kept for curve in drawn if curve.arm == arm and curve.kept is not None]
        if kept:
            passes = ", ".join(str(epoch + 1) for epoch, _ in kept)
            said.append(words("curve_arm", arm=words(arm), best=number(mean(v for _, v in kept)), passes=passes))
    return said


def _legend(saved: Saved, words: Words) -> Html:
    drawn = ("joint", *saved.tasks)
    arms = {"joint" if row.get("arm") == "joint" else "twin" for row in saved.log if row.get("arm") in drawn}
    alone = arms == {"twin"} and not saved.rows
    keys = []
    for arm in ("joint", "twin"):
        if arm in arms:
            stroke = el("path", d="M-13 0H13", class_=f"curve {arm}")
            key = el("svg", stroke, viewBox="-14 -8 28 16", class_="key", aria_hidden="true")
            keys.append(el("span", key, words("alone" if alone else arm)))
    return el("p", join(keys), class_="legend")
