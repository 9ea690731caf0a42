"""binary: yes or no."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import Division, EventIndex
from motet.errors import ProjectError
from motet.schema import TEST, TRAIN, VALID, Binary
from motet.tasks._anchors import Anchors, anchors_of
from motet.tasks._assemble import assemble
from motet.tasks._labels import column_of, yes_or_no
from motet.tasks._negatives import PER_POSITIVE_AT_EVALUATION, PER_POSITIVE_IN_TRAINING, draw_unseen
from motet.tasks._protocol import TASK_KINDS, Examples
from motet.tasks._sources import sources_of

SEED = 20


@TASK_KINDS.register("binary")
class BinaryKind:
    """Positive rows against the others, or against items drawn from what the user never had.

    A drawn row keeps the user, the moment and the row of its positive; only the item differs.
    """

    def examples(self, task: Binary, division: Division) -> Examples:
        """Return one example per known row; with sampled negatives, positives and what was drawn for them."""
        label = yes_or_no(task, *column_of(task, division))
        sources = sources_of(task, division)
        anchors = anchors_of(task, division)
        if task.negatives == "observed":
            return assemble(task, "binary", sources=sources, anchors=anchors, label=label)
        events = division.events
        if events is None or not {"history", "item"} <= set(sources):
            raise ProjectError(
                f"Task '{task.name}' samples negatives, which needs a user and an item in every row.",
                'Use negatives = "observed", or a table with both.',
            )
        drawn, truth, counts = _with_drawn(anchors, label, events)
        coverage = float(label.is_not_null().mean() or 0.0)  # type: ignore[arg-type]
        return assemble(task, "binary", sources=sources, anchors=drawn, label=truth, coverage=coverage, counts=counts)


def _with_drawn(anchors: Anchors, label: pl.Series, events: EventIndex) -> tuple[Anchors, pl.Series, dict[str, int]]:
    """The positives of each part followed by their negatives, and how many rows were put aside."""
    assert anchors.user_n is not None and anchors.item_n is not None, "sampled negatives need user and item"
    positive = label.fill_null(False).to_numpy() & (anchors.user_n >= 0)
    chosen: list[Anchors] = []
    truth: list[NDArray[np.bool_]] = []
    for part in (TRAIN, VALID, TEST):
        rows = np.flatnonzero(positive & (anchors.part_n == part))
        own = anchors.take(rows)
        times = PER_POSITIVE_IN_TRAINING if part == TRAIN else PER_POSITIVE_AT_EVALUATION
        index, item = draw_unseen(
            anchors.user_n[rows],
            _had(anchors, events, part),
            num_items=len(events.items),
            times=times,
            rng=np.random.default_rng([SEED, part]),
        )
        chosen += [own, replace(own.take(index), item_n=item)]
        truth += [np.ones(len(rows), bool), np.zeros(len(index), bool)]
    counts = {"observed rows that are not positive": int((label == False).sum())}  # noqa: E712
    return _joined(chosen), pl.Series(np.concatenate(truth)), counts


def _had(anchors: Anchors, events: EventIndex, part: int) -> NDArray[np.int64]:
    """Sorted keys of what each user had in parts up to `part`.

    Later parts do not count: an item that is never drawn because it comes later would give the future away.
    """
    assert anchors.user_n is not None and anchors.item_n is not None, "sampled negatives need user and item"
    rows = (anchors.part_n >= 0) & (anchors.part_n <= part)
    user = np.concatenate([events.user_N[events.part_N <= part], anchors.user_n[rows]]).astype(np.int64)
    item = np.concatenate([events.item_N[events.part_N <= part], anchors.item_n[rows]])
    both = (user >= 0) & (item >= 0)
    return np.unique(user[both] * len(events.items) + item[both])


def _joined(parts: list[Anchors]) -> Anchors:
    def joined(name: str) -> NDArray[np.generic] | None:
        arrays = [getattr(part, name) for part in parts]
        return None if arrays[0] is None else np.concatenate(arrays)

    arrays = {name: joined(name) for name in ("row_n", "part_n", "user_n", "cut_n", "now_n", "item_n")}
    return Anchors(unit=pl.concat([part.unit for part in parts]), **arrays)  # type: ignore[arg-type]
