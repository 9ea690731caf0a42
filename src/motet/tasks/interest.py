"""interest: what a user's next events are about."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import Division, EventIndex
from motet.errors import ProjectError
from motet.schema import EVENTS, Interest
from motet.tasks._anchors import event_anchors, parts_of
from motet.tasks._assemble import assemble
from motet.tasks._history import ranges
from motet.tasks._protocol import TASK_KINDS, Examples
from motet.tasks._topics import Topics, topics_of

BLOCK = 200_000


@TASK_KINDS.register("interest")
class InterestKind:
    """The label is the union of the tags of the next `horizon` events, from the anchor's basket on.

    Every event (under a split by time, every basket) is an anchor. The horizon ends with the user's part.
    """

    def examples(self, task: Interest, division: Division) -> Examples:
        """Return one example per anchor whose coming events have a known tag; the label is List[String]."""
        events = division.events
        if events is None or task.table != EVENTS:
            raise ProjectError(
                f"Task '{task.name}' needs events, but reads table '{task.table}'.",
                'Leave out its table, and write an items column as column = "items.…".',
            )
        part_N = parts_of(task, division)
        rows = np.flatnonzero(events.basket_N == np.arange(len(events.basket_N)))
        topics = topics_of(task, division)
        blocks = [rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)]
        unions = [_union(block, topics, events, part_N, task.horizon) for block in blocks]
        label = pl.concat(unions) if unions else pl.Series([], dtype=pl.List(pl.String))
        return assemble(task, "tags", sources=("history",), anchors=event_anchors(events, rows, part_N), label=label)


def topics_before(
    task: Interest, division: Division, examples: Examples, at: NDArray[np.int64], *, last: int
) -> tuple[NDArray[np.int64], pl.Series, NDArray[np.int64]]:
    """Return what the last events of each history were about.

    (position in `at`, name) once per event and name, and per question how many events were looked at.
    """
    events = division.events
    assert events is not None and examples.user_n is not None and examples.cut_n is not None, "interest has a history"
    topics = topics_of(task, division)
    cut = examples.cut_n[at]
    num_events = np.minimum(cut, last)
    question = np.repeat(np.arange(len(at)), num_events)
    event = ranges(events.starts[examples.user_n[at]] + cut - num_events, num_events)
    spread, code = topics.of(event)
    return question[spread], topics.names.gather(code), num_events


def _union(
    rows: NDArray[np.int64], topics: Topics, events: EventIndex, part_N: NDArray[np.int8], horizon: int
) -> pl.Series:
    """The distinct names of the coming events, null where there are none."""
    ends = np.minimum(rows + horizon, events.starts[events.user_N[rows] + 1])
    anchor = np.repeat(np.arange(len(rows)), ends - rows)
    event = ranges(rows, ends - rows)
    same = part_N[event] == part_N[rows][anchor]
    anchor, event = anchor[same], event[same]
    spread, code = topics.of(event)
    key = np.unique(anchor[spread] * np.int64(max(len(topics.names), 1)) + code)
    anchor, code = np.divmod(key, max(len(topics.names), 1))
    pairs = pl.DataFrame({"anchor": anchor, "name": topics.names.gather(code)})
    lists = pairs.group_by("anchor", maintain_order=True).agg("name")
    every = pl.DataFrame({"anchor": np.arange(len(rows))})
    return every.join(lists, on="anchor", how="left", maintain_order="left")["name"]
