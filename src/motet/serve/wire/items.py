"""Items: what there is to recommend."""

from __future__ import annotations

from pydantic import BaseModel, Field

from motet.serve.wire.values import Message, Text, Value, Values


class ItemIn(Message):
    """An item, in place of what was held of it."""

    attributes: Values = Field(default_factory=dict, description="Columns of the items table.")
    text: Text | None = Field(None, description="The items table's first text column.")
    available: bool = Field(True, description="Whether it may be on a list.")


class ItemOut(BaseModel):
    """An item as it is held. recommendable: whether lists can have it from now on."""

    id: str
    attributes: dict[str, Value]
    text: str | None
    available: bool
    recommendable: bool
    seq: int


class Withdrawn(BaseModel):
    """An item that is on no list any more."""

    id: str
    withdrawn: bool
