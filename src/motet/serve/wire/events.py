"""Events: what users did."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from motet.serve.wire.values import Id, Message, Text, Values, Whole


class EventIn(Message):
    """Something a user did. With an id of your own, sending it again is harmless."""

    id: Annotated[str, Field(min_length=1, max_length=256)] | None = Field(None, description="Made here if left out.")
    user: Id
    item: Id | None = None
    behaviour: Id | None = Field(None, description="For instance view, cart or buy.")
    time: Whole | str | None = Field(None, description="Unix seconds or milliseconds, or an ISO date; default: now.")
    values: Values = Field(default_factory=dict, description="Further columns of the events table.")
    text: Text | None = None


class EventsIn(Message):
    """Events of any users, in any order."""

    events: Annotated[list[EventIn], Field(min_length=1, max_length=10_000)]


class EventResult(BaseModel):
    """What became of an event. `saved` and `duplicate` mean that it is held, durably."""

    id: str
    status: Literal["saved", "duplicate", "conflict", "forgotten", "invalid"]
    seq: int | None = None
    time: int | None = None
    clamped: bool = False
    reason: str = ""


class EventsOut(BaseModel):
    """A result per event, in order."""

    events: list[EventResult]
    accepted: int
    refused: int
