"""What every kind of task keeps."""
# ruff: noqa: D102 (a test's name says what it asks)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import Division
from motet.schema import TEST, TRAIN, VALID
from motet.tasks import Examples

Case = tuple[Division, Callable[[], Examples]]
"""A division, and what makes the examples of one task in it."""

LABELS: dict[str, Any] = {
    "binary": pl.Boolean,
    "class": pl.String,
    "tags": pl.List(pl.String),
    "ranking": pl.Int64,
}
"""The type of a label by the form of the answer; all others are Float64."""


class TaskKindContract:
    """A kind's examples; a test gives a fixture `case`."""

    def test_arrays_are_aligned_and_labels_known(self, case: Case) -> None:
        division, examples = case[0], case[1]()
        n = len(examples)
        arrays = (examples.row_n, examples.part_n, examples.user_n, examples.cut_n, examples.now_n, examples.item_n)
        assert all(len(each) == n for each in arrays if each is not None)
        assert len(examples.label) == len(examples.unit) == n
        assert not examples.label.has_nulls() and not examples.unit.has_nulls()
        assert examples.label.dtype == LABELS.get(examples.output, pl.Float64)
        assert examples.unit.dtype == pl.String
        helper = division.project.tasks[examples.task].auxiliary
        assert set(examples.part_n.tolist()) == ({TRAIN} if helper else {TRAIN, VALID, TEST})
        assert 0 < examples.coverage <= 1
        assert (examples.user_n is None) == (examples.cut_n is None) == ("history" not in examples.sources)
        assert (examples.item_n is None) == ("item" not in examples.sources)
        assert (examples.other_n is None) == (examples.other_cut_n is None) == ("other" not in examples.sources)

    def test_rows_keep_the_part_that_the_split_gave_them(self, case: Case) -> None:
        division, examples = case[0], case[1]()
        rows = examples.row_n >= 0
        parts = division.task_parts[examples.task]
        assert (parts[examples.row_n[rows]] == examples.part_n[rows]).all()

    def test_histories_hold_neither_the_target_nor_its_basket_nor_later_parts(self, case: Case) -> None:
        division, examples = case[0], case[1]()
        for user_n, cut_n in ((examples.user_n, examples.cut_n), (examples.other_n, examples.other_cut_n)):
            if user_n is not None and cut_n is not None:
                self.ends_in_time(division, examples, user_n, cut_n)
        if examples.user_n is None or examples.cut_n is None:
            return
        events = division.events
        assert events is not None
        end = events.starts[np.maximum(examples.user_n, 0)] + examples.cut_n
        if examples.table == "events" and (examples.row_n >= 0).all():
            assert (end <= events.basket_N[examples.row_n]).all()
        if examples.now_n is not None and division.boundaries is not None:
            assert events.time_N is not None
            some = examples.cut_n > 0
            assert (events.time_N[end[some] - 1] < examples.now_n[some]).all()

    def ends_in_time(
        self, division: Division, examples: Examples, user_n: NDArray[np.int32], cut_n: NDArray[np.int64]
    ) -> None:
        """Fail where a history reaches into another user's, or into a later part than its question's."""
        events = division.events
        assert events is not None
        start = events.starts[np.maximum(user_n, 0)]
        end = start + cut_n
        assert (cut_n >= 0).all() and (end <= events.starts[np.maximum(user_n, 0) + 1]).all()
        some = cut_n > 0
        assert (events.part_N[end[some] - 1] <= examples.part_n[some]).all()

    def test_indices_point_into_the_catalogue_and_the_users(self, case: Case) -> None:
        division, examples = case[0], case[1]()
        if division.events is None:
            assert examples.user_n is None and examples.item_n is None
            return
        users, items = division.events.users, division.events.items
        for index, ids in ((examples.user_n, users), (examples.other_n, users), (examples.item_n, items)):
            assert index is None or (index.min() >= -1 and index.max() < len(ids))

    def test_the_same_division_gives_the_same_examples(self, case: Case) -> None:
        first, again = case[1](), case[1]()
        for name in ("row_n", "user_n", "cut_n", "now_n", "item_n", "other_n", "other_cut_n", "part_n"):
            assert np.array_equal(getattr(first, name), getattr(again, name)), name
        assert first.label.equals(again.label) and first.unit.equals(again.unit)
