"""next_item: which item comes next."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import ITEM, Division, EventIndex
from motet.errors import ProjectError
from motet.schema import EVENTS, TRAIN, NextItem
from motet.tasks._anchors import event_anchors, parts_of
from motet.tasks._assemble import assemble
from motet.tasks._protocol import TASK_KINDS, Examples


@TASK_KINDS.register("next_item")
class NextItemKind:
    """Every event with an item is a target; its history ends before its basket.

    Held-out targets outside the catalogue stay, with label -1: no model can hit them. With `repeats = "mask"` a
    target that the user already had is dropped from its part and counted.
    """

    def examples(self, task: NextItem, division: Division) -> Examples:
        """Return one example per target; the label is the index of the item in the catalogue."""
        events = division.events
        if events is None or task.table != EVENTS or ITEM not in division.tables.frame(EVENTS).columns:
            raise ProjectError(
                f"Task '{task.name}' needs events, but reads table '{task.table}'.",
                f'Declare [tables.{EVENTS}] with user and item, and leave out the task\'s "table".',
            )
        names, part_N = division.tables.frame(EVENTS)[ITEM], parts_of(task, division)
        target = names.is_not_null().to_numpy() & ((part_N != TRAIN) | (events.item_N >= 0))
        again, double = _repeats(events, names)
        repeated = target & again if task.repeats == "mask" else np.zeros_like(target)
        rows = np.flatnonzero(target & ~repeated & ~double)
        label = pl.Series(events.item_N[rows].astype(np.int64))
        counts = {
            "repeated targets": int(repeated.sum()),
            "targets twice in one basket": int((target & ~repeated & double).sum()),
            "targets outside the catalogue (kept as misses)": int((label == -1).sum()),
        }
        return assemble(
            task,
            "ranking",
            sources=("history",),
            anchors=event_anchors(events, rows, part_N),
            label=label,
            coverage=float(target.mean()) if len(target) else 0.0,
            counts=counts,
        )


def _repeats(events: EventIndex, names: pl.Series) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether the user had the item before the event's basket, and whether it came earlier in the same basket."""
    rows = pl.DataFrame({"user": events.user_N, "basket": events.basket_N, "item": names})
    found = rows.select(
        again=pl.col("basket") > pl.col("basket").min().over("user", "item"),
        double=~pl.struct("user", "basket", "item").is_first_distinct(),
    )
    return found["again"].to_numpy(), found["double"].to_numpy()
