"""The questions of a view: the union of what its tasks ask, each asked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import EventIndex
from motet.features.history import gap_bucket
from motet.features.labels import Labels
from motet.features.memory import Recall
from motet.features.recalling import Recalling
from motet.features.views import View
from motet.schema import EVENTS
from motet.tasks import Examples


@dataclass(frozen=True)
class TaskLabels:
    """m labelled examples of a task: question_m into the view's questions, label_m as heads learn it, part_m."""

    question_m: NDArray[np.int64]
    label_m: NDArray[Any]
    part_m: NDArray[np.int8]


@dataclass(frozen=True)
class Questions:
    """n questions of one view, as in Examples; item_n is index + 1, user_n and other_n index + 1 (0 unknown).

    recalling: the memory that rankings ask.
    pair_nF: for pairs of users, the standardised numbers of features.pairs.
    soft: by task, the questions that it may learn from without a label (see features.soft).
    shown_n: for pairs of users, which set of the graphs' vectors training shows (see features.graphs).
    """

    view: View
    row_n: NDArray[np.int64]
    user_n: NDArray[np.int64] | None
    cut_n: NDArray[np.int64] | None
    gap_n: NDArray[np.int64] | None
    item_n: NDArray[np.int64] | None
    tasks: Mapping[str, TaskLabels]
    recalling: Recalling | None = None
    other_n: NDArray[np.int64] | None = None
    other_cut_n: NDArray[np.int64] | None = None
    pair_nF: NDArray[np.float32] | None = None
    soft: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    shown_n: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.row_n)

    def recall(self, chosen: NDArray[np.int64]) -> Recall | None:
        """Return what asks the memory about the chosen questions, or None where no task of the view does."""
        if self.recalling is None or self.user_n is None or self.cut_n is None:
            return None
        return self.recalling.about(self.row_n[chosen], self.user_n[chosen], self.cut_n[chosen])


def ask(
    examples: Mapping[str, Examples],
    views: Mapping[str, View],
    labels: Mapping[str, Labels],
    events: EventIndex | None,
    *,
    timed: bool,
    soft: Mapping[str, Examples] | None = None,
    shifts: Mapping[str, int] | None = None,
) -> dict[str, Questions]:
    """Return the questions of every view, by view name.

    soft: by task, questions without a label. shifts: by task, what is added to the rows that it asks about, where its
    view shows these without a column (see views.hidden_columns).
    """
    grouped: dict[str, list[str]] = {}
    for task in examples:
        grouped.setdefault(views[task].name, []).append(task)
    return {
        name: _of_view(
            views[tasks[0]],
            {task: examples[task] for task in tasks},
            labels,
            events,
            timed=timed,
            soft={task: (soft or {})[task] for task in tasks if task in (soft or {})},
            shifts=shifts or {},
        )
        for name, tasks in grouped.items()
    }


def _of_view(
    view: View,
    examples: Mapping[str, Examples],
    labels: Mapping[str, Labels],
    events: EventIndex | None,
    *,
    timed: bool,
    soft: Mapping[str, Examples],
    shifts: Mapping[str, int],
) -> Questions:
    asked = [*((task, each, False) for task, each in examples.items()), *((t, each, True) for t, each in soft.items())]
    keys = pl.concat(
        [
            _keys(each, shifts.get(task, 0)).with_columns(task=pl.lit(task), soft=pl.lit(unlabelled))
            for task, each, unlabelled in asked
        ]
    )
    columns = ["row", "user", "cut", "now", "item", "other", "other_cut"]
    unique = keys.select(columns).unique(maintain_order=True).with_row_index("question")
    found = keys.join(unique, on=columns, how="left", nulls_equal=True, maintain_order="left")

    def questions_of(task: str, *, unlabelled: bool) -> NDArray[np.int64]:
        own = found.filter((pl.col("task") == task) & (pl.col("soft") == unlabelled))
        return own["question"].to_numpy().astype(np.int64)

    tasks = {}
    for task, each in examples.items():
        question = questions_of(task, unlabelled=False)
        tasks[task] = TaskLabels(question, labels[task].targets(each.label), each.part_n)
    history, item, other = (source in view.sources for source in ("history", "item", "other"))
    gaps = None
    if history and events is not None:
        gaps = _gaps(unique, events) if timed and (view.table != EVENTS or view.at_moment) else None
    return Questions(
        view=view,
        row_n=unique["row"].to_numpy(),
        user_n=unique["user"].to_numpy() + 1 if history else None,
        cut_n=unique["cut"].to_numpy() if history else None,
        gap_n=gaps,
        item_n=unique["item"].to_numpy() + 1 if item else None,
        tasks=tasks,
        other_n=unique["other"].to_numpy() + 1 if other else None,
        other_cut_n=unique["other_cut"].to_numpy() if other else None,
        soft={task: questions_of(task, unlabelled=True) for task in soft},
    )


def _keys(examples: Examples, shift: int) -> pl.DataFrame:
    n = len(examples)

    def column(values: NDArray[Any] | None) -> pl.Series:
        if values is None:
            return pl.Series([None] * n, dtype=pl.Int64) if n else pl.Series([], dtype=pl.Int64)
        return pl.Series(values.astype(np.int64))

    return pl.DataFrame(
        {
            "row": column(examples.row_n + shift),
            "user": column(examples.user_n),
            "cut": column(examples.cut_n),
            "now": column(examples.now_n),
            "item": column(examples.item_n),
            "other": column(examples.other_n),
            "other_cut": column(examples.other_cut_n),
        }
    )


def _gaps(unique: pl.DataFrame, events: EventIndex) -> NDArray[np.int64] | None:
    """Buckets of the time between a user's last known event and the question."""
    if events.time_N is None or unique["now"].null_count() == unique.height:
        return None
    user, cut = unique["user"].to_numpy(), unique["cut"].to_numpy()
    now = unique["now"].fill_null(-1).to_numpy()
    last = events.starts[np.maximum(user, 0)] + cut - 1
    known = (user >= 0) & (cut > 0) & (now >= 0)
    elapsed = np.where(known, now - events.time_N[np.clip(last, 0, len(events.time_N) - 1)], -1)
    return gap_bucket(elapsed).astype(np.int64)
