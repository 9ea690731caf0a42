"""Rows by predicted value: reviews by how helpful they will be, of one item or of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from motet.errors import RequestError

if TYPE_CHECKING:
    import polars as pl

    from motet.recommend import Prediction, TaskView


def about(
    asked: pl.DataFrame,
    numbers: Sequence[int] | None,
    view: TaskView,
    *,
    items: Sequence[str] | None,
    users: Sequence[str] | None,
) -> tuple[pl.DataFrame, Sequence[int] | None]:
    """Return the rows, and their numbers, of these items and users; all where none is named.

    RequestError where the rows do not say whose they are, or none is left.
    """
    import polars as pl

    from motet.data.cells import parse_key

    kept = pl.Series([True] * asked.height, dtype=pl.Boolean)
    for option, column, named in (("--item", view.item, items), ("--user", view.user, users)):
        if not named:
            continue
        if column is None or column not in asked.columns:
            raise RequestError(
                f"Found {option} with --input, but no column of the rows says whose they are.",
                f"The rows hold: {', '.join(asked.columns)}.",
            )
        kept &= parse_key(asked[column]).values.is_in(list(named)).fill_null(False)
    if (items or users) and not kept.any():
        raise RequestError("None of the input's rows is about what was asked.", "Look at the ids.")
    places = kept.arg_true()
    return asked[places], None if numbers is None else [numbers[place] for place in places]


def highest(found: Sequence[Prediction], most: int, task: str) -> list[int]:
    """Return the places of the highest predictions, best first; of equals, the earlier one.

    What is predicted is a number, a level, or the probability of yes. RequestError for classes, which have no order.
    """
    values = [each.value if each.value is not None else _share_of_yes(each, task) for each in found]
    return sorted(range(len(values)), key=lambda place: -values[place])[:most]


def _share_of_yes(found: Prediction, task: str) -> float:
    if found.label not in ("yes", "no") or found.probability is None:
        raise RequestError(
            f"Task '{task}' answers with classes, which have no order.", "Leave --top out, or ask a number or a yes."
        )
    return found.probability
