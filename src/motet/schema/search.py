"""The section of the project file that says what `motet search` may try."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from motet.errors import ProjectError
from motet.schema._base import Strict

Scalar = bool | int | float | str
MEAN = "mean"
"""The objective that is a mean over tasks."""
_UNITS = {"": 60.0, "s": 1.0, "m": 60.0, "h": 3600.0}


class SearchRange(Strict):
    """Numbers from low to high, both included: whole ones where both bounds are whole.

    log: drawn evenly by their logarithm. step: only low, low + step, low + 2·step …
    """

    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _can_be_drawn(self) -> SearchRange:
        if not self.low < self.high:
            raise ValueError(f"low must be below high, found {self.low} and {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic range begins above 0, found low = {self.low}")
        if self.log and self.step is not None:
            raise ValueError("a logarithmic range has no step")
        return self

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are drawn."""
        return isinstance(self.low, int) and isinstance(self.high, int) and not isinstance(self.step, float)


class SearchConfig(Strict):
    """What `motet search` tries, and how it chooses what comes next.

    space: dotted key of the project file → a range, or a list of values; by default a small space of what most often
    matters. objective: `mean` over the tasks, or one task. pruner: which trials end early.
    """

    sampler: Literal["tpe", "random", "grid"] = "tpe"
    pruner: Literal["halving", "median", "none"] = "halving"
    objective: str = MEAN
    space: dict[str, SearchRange | tuple[Scalar, ...]] = Field(default_factory=dict)

    @field_validator("space")
    @classmethod
    def _some_choice(cls, space: dict[str, Any]) -> dict[str, Any]:
        for key, given in space.items():
            if isinstance(given, tuple) and not given:
                raise ValueError(f"'{key}' has no values to choose from")
            if "." not in key:
                raise ValueError(f"'{key}' is no dotted key such as train.learning_rate")
            if key.startswith("search."):
                raise ValueError(f"'{key}' is about the search itself")
        return space


def seconds_of(budget: str | float | int) -> float:
    """Return a length of time in seconds: 90s, 30m, 2h, a bare number as minutes (a number that is no text, seconds).

    Raises ProjectError for anything else, and for nothing at all.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", budget) if isinstance(budget, str) else None
    seconds = float(found[1]) * _UNITS[found[2]] if found else float(budget) if not isinstance(budget, str) else 0.0
    if not seconds > 0:
        raise ProjectError(f"Expected a budget such as 90s, 30m or 2h, found '{budget}'.", "For instance: --budget 30m")
    return seconds
