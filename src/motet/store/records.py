"""What goes into a store and what comes out. Times are milliseconds since 1970 UTC; `seq` counts every change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Scalar = str | int | float | bool | None
Value = Scalar | list[Scalar]
"""What a column of an event, an item or a profile may hold."""

Scope = Literal["read", "write", "admin"]
Status = Literal["saved", "duplicate", "conflict", "forgotten", "invalid"]


@dataclass(frozen=True)
class Event:
    """What somebody did. id: chosen by the sender, so that sending twice is harmless. time: None means now."""

    id: str
    user: str
    item: str | None = None
    behaviour: str | None = None
    time: int | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True)
class LoggedEvent:
    """An event as the log holds it. seq: its place in the log. received: when it came in."""

    seq: int
    received: int
    id: str
    user: str
    item: str | None
    behaviour: str | None
    time: int
    values: Mapping[str, Value]
    text: str | None


@dataclass(frozen=True)
class Receipt:
    """What became of one event.

    status: saved · duplicate (held already, with the same content) · conflict (the id is held with other content)
    · forgotten (its user was erased) · invalid (see reason). seq and time are those in the log; clamped says that the
    sender's clock was ahead and the time of arrival stands instead.
    """

    id: str
    status: Status
    seq: int | None = None
    time: int | None = None
    clamped: bool = False
    reason: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the event is in the log, durably."""
        return self.status in ("saved", "duplicate")


@dataclass(frozen=True)
class Item:
    """Something to recommend. seq, updated and withdrawn are filled by the store."""

    id: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    text: str | None = None
    available: bool = True
    withdrawn: bool = False
    seq: int = 0
    updated: int = 0


@dataclass(frozen=True)
class User:
    """Somebody's profile. seq and updated are filled by the store."""

    id: str
    profile: Mapping[str, Value] = field(default_factory=dict)
    seq: int = 0
    updated: int = 0


@dataclass(frozen=True)
class Tombstone:
    """A user who was forgotten. mark: a keyed hash of the user's id, as `Store.mark_of(user)` gives it.

    lifted: since when the user is welcome again; None where not.
    """

    seq: int
    mark: str
    time: int
    lifted: int | None = None


@dataclass(frozen=True)
class Forgotten:
    """What erasing a user took away. waiting: why the files still hold the bytes, or empty."""

    seq: int
    time: int
    events: int
    profile: bool
    waiting: str = ""


@dataclass(frozen=True)
class Export:
    """Everything the store holds of one user."""

    user: str
    profile: Mapping[str, Value] | None
    events: tuple[LoggedEvent, ...]
    time: int


@dataclass(frozen=True)
class Key:
    """A key to the doors; its secret is shown once and never held."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created: int
    last_used: int | None = None
    revoked: int | None = None


@dataclass(frozen=True)
class NewKey:
    """A fresh key and its secret, which nobody can ask for again."""

    key: Key
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Model:
    """A model folder that may serve. sha256: of its manifest."""

    version: str
    path: str
    sha256: str
    added: int
    active: bool = False


@dataclass(frozen=True)
class Activation:
    """A model that began to serve. rolled_back: because the one after it was taken back."""

    seq: int
    version: str
    time: int
    rolled_back: bool = False


@dataclass(frozen=True)
class Counts:
    """How much a store holds. seq: the number of its last change."""

    events: int
    users: int
    items: int
    forgotten: int
    seq: int


@dataclass(frozen=True)
class Backup:
    """A finished backup. sha256: of the file, also written beside it."""

    path: str
    sha256: str
    bytes: int
    counts: Counts
