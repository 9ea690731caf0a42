"""What a store does, for those who use one.

Every method may be called from any thread, and waits for the database; `submit` alone returns at once. What returns is
durable. All raise StoreError (StoreBusyError, StoreFullError, StoreDamagedError) where the database fails: then nothing
of the call was saved, save for a lost connection during a commit, after which sending again is harmless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from motet.store.limits import Limits
from motet.store.records import (
    Activation,
    Backup,
    Counts,
    Event,
    Export,
    Forgotten,
    Item,
    Key,
    LoggedEvent,
    Model,
    NewKey,
    Receipt,
    Scope,
    Tombstone,
    User,
    Value,
)


class Store(Protocol):
    """Events, items, users, keys and models. where: its address, without a password."""

    where: str
    limits: Limits

    def __enter__(self) -> Store:
        """Return the store itself."""

    def __exit__(self, *_: object) -> None:
        """Close it."""

    # events: the truth, appended only
    def submit(self, events: Sequence[Event]) -> Future[list[Receipt]]:
        """Return the promise of one receipt per event, in order; kept after the commit."""

    def append(self, events: Sequence[Event]) -> list[Receipt]:
        """Append events; return one receipt each, in order, after the commit."""

    def events_after(self, seq: int, limit: int = 1000) -> list[LoggedEvent]:
        """Return the events after a number in the order of the log; no later one can appear before them."""

    def history(self, user: str, limit: int | None = None) -> list[LoggedEvent]:
        """Return a user's events by time, then id; limit: the last so many."""

    def items_had(self, user: str) -> list[str]:
        """Return the ids of all items that a user's events name, each once, in no order."""

    def event(self, id: str) -> LoggedEvent | None:
        """Return one event, or None."""

    def head(self) -> int:
        """Return the number of the last change of anything."""

    def counts(self) -> Counts:
        """Return how much is held."""

    # items
    def put_item(self, item: Item) -> Item:
        """Hold an item, in place of what was held of it; one that was withdrawn is back."""

    def put_items(self, items: Sequence[Item]) -> list[Item]:
        """Hold several items in one commit."""

    def withdraw_item(self, id: str) -> bool:
        """Take an item off every list; return whether it was there."""

    def item(self, id: str) -> Item | None:
        """Return an item, also a withdrawn one, or None."""

    def items_after(self, seq: int, limit: int = 1000) -> list[Item]:
        """Return items changed after a number, withdrawn ones too, in the order of their last change."""

    # users
    def put_user(self, user: str, profile: Mapping[str, Value]) -> User:
        """Hold a profile; RequestError for a user who was forgotten."""

    def user(self, id: str) -> User | None:
        """Return a profile, or None."""

    def users_after(self, seq: int, limit: int = 1000) -> list[User]:
        """Return profiles changed after a number, in the order of their last change."""

    def export(self, user: str) -> Export:
        """Return everything that is held of a user."""

    def forget(self, user: str) -> Forgotten:
        """Erase a user from every byte of the store; their later events are refused as `forgotten`.

        What returns is erased for every question. Where others keep the files from being written anew within
        `limits.wait_seconds`, `waiting` says so; that is tried again by itself, at the next start and at a next call.
        """

    def readmit(self, user: str) -> bool:
        """Let a forgotten user begin anew; what is older than the forgetting stays out."""

    def is_forgotten(self, user: str) -> bool:
        """Return whether a user was forgotten and not readmitted."""

    def mark_of(self, user: str) -> str:
        """Return the mark under which tombstones know a user."""

    def forgotten_after(self, seq: int, limit: int = 1000) -> list[Tombstone]:
        """Return tombstones set or lifted after a number, so that caches can let go."""

    # keys
    def create_key(self, name: str, scopes: Sequence[Scope]) -> NewKey:
        """Make a key; its secret is shown this once."""

    def find_key(self, secret: str) -> Key | None:
        """Return the key of a secret, or None where it is unknown or revoked."""

    def keys(self) -> list[Key]:
        """Return all keys, revoked ones too."""

    def revoke_key(self, id: str) -> bool:
        """Close a key; return whether it was open."""

    # models
    def add_model(self, version: str, path: str, sha256: str) -> Model:
        """Note a model folder; RequestError where the version is held with another checksum."""

    def models(self) -> list[Model]:
        """Return all models."""

    def active_model(self) -> Model | None:
        """Return the model that serves, or None."""

    def activate_model(self, version: str) -> Activation:
        """Let a model serve."""

    def roll_back_model(self) -> Activation:
        """Let the one before serve again."""

    def activations(self) -> list[Activation]:
        """Return which models began to serve, the latest last."""

    # care
    def backup(self, path: str | Path) -> Backup:
        """Write a checked copy of one moment as an SQLite file, while others write on."""

    def check(self) -> None:
        """Raise StoreError where the database is not sound, or not there."""

    def close(self) -> None:
        """Finish what waits and let go."""
