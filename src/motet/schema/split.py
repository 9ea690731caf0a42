"""How rows are divided into training, validation and test rows."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from motet.schema._base import Strict

FOLDS = "folds"
"""The kind of split under which every row is tested once."""

TRAIN, VALID, TEST = 0, 1, 2
"""The parts, as they stand in arrays; later parts are larger numbers."""


def _check_fractions(value: tuple[float, ...] | None) -> tuple[float, ...] | None:
    if value is None:
        return None
    if len(value) != 3 or min(value) < 0 or abs(sum(value) - 1) > 1e-6:
        raise ValueError(f"expected three fractions (train, valid, test) that sum to 1, found {list(value)}")
    return value


class SplitSpec(Strict):
    """The project's split.

    kind: `auto` is leave_one_out where there is a next_item task, else time where there is time, else random.
    fractions: of the event rows, for kind `time` (default .8, .1, .1).
    cut: the first moment of validation and of test, for kind `time`; numbers or ISO dates.
    folds: for kind `folds`, into how many parts rows fall by the hash of their key; each is tested once. windows: the
    same for events with time, which are tested in windows that follow one another (default: as many as folds).
    fold: the one that is in force, from 0; by default a run goes through all of them, and ships the last.
    """

    kind: Literal["auto", "leave_one_out", "last_fraction", "time", "random", "folds"] = "auto"
    fractions: tuple[float, ...] | None = None
    cut: tuple[Any, Any] | None = None
    folds: int = Field(default=5, ge=3, le=100)
    windows: int | None = Field(default=None, ge=3, le=100)
    fold: int | None = Field(default=None, ge=0)

    _fractions = field_validator("fractions")(_check_fractions)

    @model_validator(mode="after")
    def _only_folds_have_folds(self) -> SplitSpec:
        if self.kind != FOLDS and (self.windows is not None or self.fold is not None):
            raise ValueError('windows and fold belong to kind = "folds" under [split]')
        return self


class TaskSplit(Strict):
    """A task's own split of its rows, by hash: u = hash % 10⁶ / 10⁶ against the cumulated fractions."""

    fractions: tuple[float, ...] = Field(default=(0.8, 0.1, 0.1))

    _fractions = field_validator("fractions")(_check_fractions)
