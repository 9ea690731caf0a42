"""Candidates: what a list is made from, in columns."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from motet.serve.wire.lists import RecommendIn


class CandidatesIn(RecommendIn):
    """The same question as for a list."""

    candidates: Annotated[int, Field(ge=1, le=1_000, strict=True)] | None = Field(
        None, description="How many; by default as many as a list is made from."
    )


class LimitOut(BaseModel):
    """The bounds of a task's weight in every list."""

    min: float
    max: float | None


class TypesOut(BaseModel):
    """What a list may and should hold of each type that the column names."""

    column: str
    at_most: dict[str, int]
    at_least: dict[str, int]


class CandidatesOut(BaseModel):
    """Candidates with what every objective says of them; each column has an entry per item.

    probability: task → p. popular: log of an item's share of all events. preselect: the tasks that chose the
    candidates. may_count: the tasks that can be weighted. complete: whether a list with other weights, of which one of
    `preselect` is above zero, is made from the same candidates, by their scores alone. types: quotas of content types,
    as numbers of items.
    """

    items: list[str]
    numbers: list[int]
    titles: list[str]
    probability: dict[str, list[float]]
    popular: list[float]
    preselect: list[str]
    may_count: list[str]
    limits: dict[str, LimitOut]
    weights: dict[str, float]
    weights_from: list[str]
    mode: Literal["log", "value"]
    popularity: float
    source: Literal["history", "query", "profile", "popular"]
    complete: bool
    types: TypesOut | None
    model: str
