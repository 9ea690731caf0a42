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
    """Everything that is held of a user.

    learned: what the folder of the model that answers knows, from its training tables: events and profile, relations
    that name them, lists that it keeps of them to be looked at. folders: the same of every other known model's
    folder on this machine that holds something, by version.
    """

    user: str
    profile: dict[str, Value] | None
    events: list[HeldEvent]
    learned: dict[str, Any]
    model: str
    folders: dict[str, Any] = Field(default_factory=dict)


class ForgottenOut(BaseModel):
    """What erasing a user took away. models: versions whose folders held something of them.

    waiting: what may still hold bytes of them although nothing is answered from it, and why; ask once more later.
    """

    user: str
    events: int
    profile: bool
    models: list[str]
    time: int
    waiting: list[str] = Field(default_factory=list)
