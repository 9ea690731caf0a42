"""Tombstones: who was forgotten, known by a keyed hash, since the id itself has to go too."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from motet.store import tables as t

CHUNK = 500
_FOUND = select(t.tombstones).where(t.tombstones.c.mark.in_(bindparam("marks", expanding=True)))


def mark_of(user: str, salt: bytes) -> str:
    """Return the mark of a user: the same in every process of a store, and telling nothing without its salt."""
    return hmac.new(salt, user.encode(), hashlib.sha256).hexdigest()


def tombstones_of(connection: Connection, users: Collection[str], salt: bytes) -> dict[str, Row[Any]]:
    """Return the tombstones of those users who have one."""
    marked = {mark_of(user, salt): user for user in users}
    marks, found = list(marked), {}
    for start in range(0, len(marks), CHUNK):
        for row in connection.execute(_FOUND, {"marks": marks[start : start + CHUNK]}):
            found[marked[row.mark]] = row
    return found


def is_forgotten(connection: Connection, user: str, salt: bytes) -> bool:
    """Return whether a user was forgotten, and not welcomed again."""
    return any(row.lifted is None for row in tombstones_of(connection, [user], salt).values())
