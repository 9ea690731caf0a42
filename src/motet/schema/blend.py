"""How tasks become one list, and how probabilities are made honest: the sections `blend` and `calibrate`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from motet.registry import nearest
from motet.schema._base import Strict

Weight = Annotated[float, Field(ge=0, le=1e6)]
Worth = Annotated[float, Field(ge=-1e9, le=1e9)]
Quota = Annotated[float, Field(ge=0, le=1000)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class CalibrateConfig(Strict):
    """Maps from promises to what comes, fitted on validation half A.

    kind: `auto` chooses by the task and by how much there is to fit on. level: the share of truths that the interval
    of a predicted number or rating is to hold.
    """

    kind: Literal["auto", "off"] = "auto"
    level: float = Field(default=0.9, ge=0.5, lt=1)


class Limit(Strict):
    """The least and the most that a task may weigh in any list; what is beyond is brought to the nearer end."""

    min: Weight = 0.0
    max: Weight = 1e6

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min is {self.min:g}, above max {self.max:g}")
        return self


class Rule(Strict):
    """Weights for some of the time: every condition that is given must hold.

    days: of the week. hours: from, to (the later one not included; 22 to 6 goes over midnight). since, until: dates or
    moments, `until` not included.
    """

    name: str = Field(min_length=1)
    weights: dict[str, Weight] = Field(default_factory=dict)
    values: dict[str, Worth] = Field(default_factory=dict)
    days: tuple[Day, ...] = ()
    hours: tuple[Annotated[float, Field(ge=0, le=24)], Annotated[float, Field(ge=0, le=24)]] | None = None
    since: datetime | None = None
    until: datetime | None = None


class TypesConfig(Strict):
    """How many items of each content type a list may or should hold.

    column: of the items table, a category or tags, that names an item's type. at_most, at_least: type → how many: from
    1 on a number of items, below 1 a share of the list's length, rounded down.
    """

    column: str = Field(min_length=1)
    at_most: dict[str, Quota] = Field(default_factory=dict)
    at_least: dict[str, Quota] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for key in ("at_most", "at_least"):
            for name, quota in getattr(self, key).items():
                if quota > 1 and not float(quota).is_integer():
                    raise ValueError(f"{key}.{name} is {quota:g}; from 1 on it is a whole number of items")
        for name in self.at_least.keys() & self.at_most.keys():
            least, most = self.at_least[name], self.at_most[name]
            if (least < 1) == (most < 1) and least > most:
                raise ValueError(f"at_least.{name} is {least:g}, above at_most.{name}, which is {most:g}")
        return self


class BlendConfig(Strict):
    """What a list weighs unless the request says: Σ weight · log p (`log`), or Σ value · p (`value`).

    segment: a column of the users table whose value chooses among `segments`. timezone: of the rules' clock. types: how
    many items of each content type a list holds.
    """

    mode: Literal["log", "value"] = "log"
    weights: dict[str, Weight] = Field(default_factory=dict)
    values: dict[str, Worth] = Field(default_factory=dict)
    popularity: float = Field(default=0.0, ge=0, le=1)
    limits: dict[str, Limit] = Field(default_factory=dict)
    segment: str | None = None
    segments: dict[str, dict[str, Weight]] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    timezone: str = "UTC"
    types: TypesConfig | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.mode == "value" and not self.values:
            raise ValueError('mode is "value", but no task has a value: name at least one under values')
        if self.segments and self.segment is None:
            raise ValueError("segments are chosen by a column of the users table: name it as segment")
        names = [rule.name for rule in self.rules]
        if len(set(names)) < len(names):
            raise ValueError("two rules have the same name")
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"timezone is '{self.timezone}'; expected a name such as Europe/Berlin") from None
        return self

    def tasks(self) -> list[tuple[str, str]]:
        """Return every task that the section names, with the key that names it."""
        named = [(key, task) for key in ("weights", "values", "limits") for task in getattr(self, key)]
        named += [(f"segments.{name}", task) for name, weights in self.segments.items() for task in weights]
        return named + [(f"rules.{rule.name}", task) for rule in self.rules for task in (*rule.weights, *rule.values)]


def check_blend(blend: BlendConfig, tasks: Mapping[str, object], columns: list[str] | None) -> None:
    """Raise ValueError where the section names what is no task, or a segment that is no column of the users table.

    columns: those of the users table, None where they are not declared yet.
    """
    for key, task in blend.tasks():
        if task not in tasks:
            hint = nearest(task, list(tasks))
            raise ValueError(f"blend.{key} names '{task}', which is no task; known: {', '.join(tasks)}.{hint}")
    if blend.segment is not None and columns is not None and blend.segment not in columns:
        hint = nearest(blend.segment, columns)
        listed = ", ".join(columns) or "none"
        raise ValueError(f"blend.segment is '{blend.segment}', but users have the columns {listed}.{hint}")


def check_types(types: TypesConfig | None, columns: list[str] | None) -> None:
    """Raise ValueError where the types of a list are told by a column that cannot tell them.

    columns: the categories and tags of the items table, None where they are not declared yet.
    """
    if types is not None and columns is not None and types.column not in columns:
        hint = nearest(types.column, columns)
        listed = ", ".join(columns) or "none"
        found = f"blend.types.column is '{types.column}'; categories and tags of the items table: {listed}."
        raise ValueError(f"{found}{hint}")
