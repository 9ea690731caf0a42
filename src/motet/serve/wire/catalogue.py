"""The catalogue: what its items are like, finding them, a map of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from motet.serve.wire.values import Id, Message, Value


class LookUpIn(Message):
    """Items by id."""

    items: Annotated[list[Id], Field(min_length=1, max_length=1_000)]


class FoundItem(BaseModel):
    """An item of the catalogue. events: how many of them training saw."""

    id: str
    title: str
    attributes: dict[str, Value]
    events: int
    available: bool


class FoundItems(BaseModel):
    """Items, and how many there are in all."""

    items: list[FoundItem]
    total: int
    model: str


class ColumnOut(BaseModel):
    """A column to filter by. values: of categories, tags and flags, the commonest first; low, high: of numbers."""

    kind: Literal["category", "tags", "number", "flag"]
    values: list[str] = []
    distinct: int = 0
    low: float | None = None
    high: float | None = None


class CatalogueOut(BaseModel):
    """What there is to recommend. profile: the columns that a user's profile may have, with their values."""

    items: int
    available: int
    columns: dict[str, ColumnOut]
    profile: dict[str, ColumnOut]
    behaviour: str | None
    behaviours: list[str]
    users: int
    model: str


class MapOut(BaseModel):
    """Items as points of a plane: the two main directions of their vectors. label: value of the column `by`.

    explained: share of the vectors' spread that each direction shows. total: items of the catalogue.
    """

    items: list[str]
    titles: list[str]
    x: list[float]
    y: list[float]
    label: list[str | None]
    by: str | None
    explained: list[float]
    total: int
    model: str


class UsersOut(BaseModel):
    """Ids of users whom the model's folder knows, and how many there are in all."""

    users: list[str]
    total: int
    model: str
