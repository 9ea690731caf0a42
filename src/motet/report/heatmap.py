"""Heat maps: a number for every pair of tasks, its sign and size coloured; the numbers are printed, too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from motet.report.figures import DASH
from motet.report.markup import Html, el, named
from motet.report.svg import bar, percent_of, picture

CELL = 26
"""Height of a row in pixels."""
DEEPEST = 0.6
"""Opacity of the strongest colour; the numbers on it stay readable."""


def heatmap(
    names: Sequence[str],
    values: Mapping[tuple[str, str], float],
    *,
    shown: Callable[[float], str],
    label: str,
    most: float | None = None,
    plain: Collection[tuple[str, str]] = (),
) -> Html:
    """Return a square of values[row, column]; rows are named, and columns bear the numbers of the rows.

    shown: a value in print. most: the size that gets the strongest colour; by default the largest there is. plain:
    pairs that get none.
    """
    top = most or max((abs(value) for value in values.values()), default=0.0)
    cells = [
        _cell(row, column, len(names), values.get((one, other)), shown, 0.0 if (one, other) in plain else top)
        for row, one in enumerate(names)
        for column, other in enumerate(names)
    ]
    heads = [_text(_middle(column, len(names)), 17, str(column + 1), "head") for column in range(len(names))]
    drawing = picture(*heads, *cells, label=label, class_="heat-cells")
    frame = el("div", drawing, style=f"height:{CELL * (len(names) + 1)}px;min-width:{2.75 * len(names):g}rem")
    sides = [el("li", el("span", str(place), class_="digits"), named(name)) for place, name in enumerate(names, 1)]
    return el(
        "div",
        el("ol", *sides, role="list"),
        el("div", frame, class_="heat-frame", tabindex=0, role="region", aria_label=label),
        class_="heat",
    )


def _cell(row: int, column: int, count: int, value: float | None, shown: Callable[[float], str], top: float) -> Html:
    top_edge = CELL * (row + 1)
    middle = _text(_middle(column, count), top_edge + 17, DASH if value is None else shown(value), "")
    if not value or top == 0:
        return middle
    strength = DEEPEST * min(1.0, abs(value) / top)
    side = "plus" if value > 0 else "minus"
    square = bar(100 * column / count, 100 / count, side, y=str(top_edge), height=str(CELL))
    return el("g", el("g", square, opacity=round(strength, 2)), middle)


def _middle(column: int, count: int) -> float:
    return 100 * (column + 0.5) / count


def _text(x: float, y: int, said: str, class_: str) -> Html:
    return el("text", said, x=percent_of(x), y=y, class_=class_ or None)
