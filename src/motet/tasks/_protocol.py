"""The contract of a task kind: a division in, labelled examples out. No torch, no arrays of features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import Division
from motet.registry import Shelf

Source = Literal["history", "other", "item", "text", "row"]
"""What a question shows; `other` is the history of a second user."""

Output = Literal["ranking", "binary", "ordinal", "class", "tags", "number"]
"""What a head answers: a ranking of items, a probability, a distribution over ordered levels, over classes,
independent probabilities of tags, or a number."""


@dataclass(frozen=True)
class Examples:
    """Labelled questions of one task, those with an unknown label left out.

    n = examples.
    sources: what the question shows. The view of a task is (table, sources); tasks of one view share a forward pass.
    row_n: the row of the table's frame that is asked about; -1 where there is none (a window of time).
    user_n: index into the division's users, -1 where unknown; None if the view has no history.
    cut_n: how many of that user's events the history may hold (counted from the user's first); None likewise.
    now_n: the moment of the question in the unit of the events' time, or None.
    item_n: index into the catalogue for views with an item, -1 where unknown; None otherwise.
    label: the answers: item index for a ranking, Float64 for numbers and ratings, Boolean for binary, String for a
    class, List[String] for tags.
    part_n: TRAIN, VALID or TEST. unit: the id by which examples are resampled and halved (a user or a row), String.
    other_n, other_cut_n: as user_n and cut_n, of the second user of a pair; None for other views.
    hidden: the column of the asked row that the question does not show, "" for none.
    coverage: share of the table's rows whose label is known. counts: what was left out, by reason.
    """

    task: str
    kind: str
    output: Output
    table: str
    sources: tuple[Source, ...]
    row_n: NDArray[np.int64]
    user_n: NDArray[np.int32] | None
    cut_n: NDArray[np.int64] | None
    now_n: NDArray[np.int64] | None
    item_n: NDArray[np.int32] | None
    label: pl.Series
    part_n: NDArray[np.int8]
    unit: pl.Series
    coverage: float
    counts: Mapping[str, int]
    other_n: NDArray[np.int32] | None = None
    other_cut_n: NDArray[np.int64] | None = None
    hidden: str = ""

    @property
    def view(self) -> str:
        """The name of the view, for instance `events: history+item`."""
        return f"{self.table}: {'+'.join(self.sources)}"

    def __len__(self) -> int:
        return len(self.part_n)

    def take(self, chosen: NDArray[np.bool_]) -> Examples:
        """Return the chosen examples; coverage and counts stay as they are."""
        names = ("row_n", "user_n", "cut_n", "now_n", "item_n", "part_n", "other_n", "other_cut_n")
        arrays = {name: getattr(self, name) for name in names}
        taken: dict[str, Any] = {name: None if array is None else array[chosen] for name, array in arrays.items()}
        mask = pl.Series(chosen)
        return replace(self, **taken, label=self.label.filter(mask), unit=self.unit.filter(mask))


class TaskKind(Protocol):
    """One kind of task."""

    def examples(self, task: Any, division: Division) -> Examples:
        """Return the labelled examples of `task` (its declaration) in `division`."""
        ...


TASK_KINDS: Shelf[type[TaskKind]] = Shelf("task kind", "motet.tasks")
