"""Users: their profiles, and what is held of them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from motet.serve.wire.values import Message, Value, Values


class ProfileIn(Message):
    """A profile, in place of the one that was held."""

    profile: Values = Field(default_factory=dict, description="Columns of the users table.")


class ProfileOut(BaseModel):
    """A profile as it is held."""

    user: str
    profile: dict[str, Value]
    seq: int


class HeldEvent(BaseModel):
    """An event of the log."""

    seq: int
    id: str
    item: str | None
    behaviour: str | None
    time: int
    received: int
    values: dict[str, Value]
    text: str | None


class UserOut(BaseModel):
    """Everything that is held of a user. learned: what the model's folder knows, from its training tables."""

    user: str
    profile: dict[str, Value] | None
    events: list[HeldEvent]
    learned: dict[str, Any]
    model: str


class ForgottenOut(BaseModel):
    """What erasing a user took away. models: versions whose folders held something of them."""

    user: str
    events: int
    profile: bool
    models: list[str]
    time: int
