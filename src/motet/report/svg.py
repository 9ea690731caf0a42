"""Small pictures. Positions are percentages of the picture's own width and height, so that it fits any screen while
lines, dots and letters keep their size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from motet.report.markup import Child, Html, el, join

TICKS = 6


@dataclass(frozen=True)
class Axis:
    """A linear scale from low to high, marked at every step."""

    low: float
    high: float
    step: float

    def at(self, value: float) -> float:
        """Return where a value lies, in percent of the axis; values beyond it lie outside 0–100."""
        return 100.0 * (value - self.low) / (self.high - self.low)

    def inside(self, value: float) -> float:
        """Return where a value lies, moved to the nearer end where it is beyond the axis."""
        return min(100.0, max(0.0, self.at(value)))

    def ticks(self) -> list[float]:
        """Return the marks, ends included."""
        return [self.low + place * self.step for place in range(round((self.high - self.low) / self.step) + 1)]


def axis(low: float, high: float, *, most: int = TICKS) -> Axis:
    """Return an axis with about `most` round marks whose ends are the next marks around `low` and `high`."""
    if not high > low:
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    step = round_step((high - low) / most)
    # A bound that lies on a mark up to rounding is that mark.
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Axis(first * step, last * step, step)


def round_step(least: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def picture(*children: Child, label: str | None = None, class_: str = "") -> Html:
    """Return a picture with a label for those who do not see it; without one it is decoration."""
    if label is None:
        return el("svg", *children, class_=class_, aria_hidden="true")
    return el("svg", *children, class_=class_, role="img", aria_label=label)


def percent_of(value: float) -> str:
    """Return a coordinate."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def line(x1: float, y1: str, x2: float, y2: str, class_: str) -> Html:
    """Return a line; x in percent, y in pixels or with its unit."""
    return el("line", x1=percent_of(x1), y1=y1, x2=percent_of(x2), y2=y2, class_=class_)


def upright(x: float, class_: str, *, top: str = "0", bottom: str = "100%") -> Html:
    """Return an upright line."""
    return line(x, top, x, bottom, class_)


def dot(x: float, y: str, r: float, class_: str, title: str | None = None) -> Html:
    """Return a circle; it tells its title where the pointer rests on it."""
    return el("circle", el("title", title) if title else None, cx=percent_of(x), cy=y, r=r, class_=class_)


def bar(x: float, width: float, class_: str, *, y: str = "0", height: str = "100%") -> Html:
    """Return a rectangle; x and width in percent."""
    return el("rect", x=percent_of(x), width=percent_of(max(0.0, width)), y=y, height=height, class_=class_)


def mark(x: float, y: str, path: str, class_: str) -> Html:
    """Return a shape whose path is drawn around (0, 0) in pixels."""
    return el("svg", el("path", d=path, class_=class_), x=percent_of(x), y=y, class_="at")


def lines(strokes: Iterable[tuple[Sequence[tuple[float, float]], str]]) -> Html:
    """Return broken lines through points in percent (y downwards); what leaves the picture is cut off."""
    drawn = [
        el("polyline", points=" ".join(f"{x:.4g},{y:.4g}" for x, y in points), class_=class_)
        for points, class_ in strokes
        if len(points) > 1
    ]
    return el("svg", join(drawn), viewBox="0 0 100 100", preserveAspectRatio="none", width="100%", height="100%")
