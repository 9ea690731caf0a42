"""How rows are divided into training, validation and test rows."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from motet.schema._base import Strict

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
    """

    kind: Literal["auto", "leave_one_out", "last_fraction", "time", "random"] = "auto"
    fractions: tuple[float, ...] | None = None
    cut: tuple[Any, Any] | None = None

    _fractions = field_validator("fractions")(_check_fractions)


class TaskSplit(Strict):
    """A task's own split of its rows, by hash: u = hash % 10⁶ / 10⁶ against the cumulated fractions."""

    fractions: tuple[float, ...] = Field(default=(0.8, 0.1, 0.1))

    _fractions = field_validator("fractions")(_check_fractions)
