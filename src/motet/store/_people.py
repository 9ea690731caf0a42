"""Users: their profiles, and their right to take everything along or to be forgotten."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select

from motet.errors import RequestError
from motet.store import tables as t
from motet.store._log import history
from motet.store._marks import is_forgotten, mark_of
from motet.store._sequence import take
from motet.store.checks import as_json
from motet.store.records import Export, Tombstone, User

_u = t.users.c
_ONE = select(t.users).where(_u.id == bindparam("asked"))
_AFTER = select(t.users).where(_u.seq > bindparam("after")).order_by(_u.seq).limit(bindparam("most"))
_s = t.tombstones.c
_STONES = select(t.tombstones).where(_s.seq > bindparam("after")).order_by(_s.seq).limit(bindparam("most"))


def put(connection: Connection, user: str, profile: Mapping[str, Any], salt: bytes, now: int) -> User:
    """Write a profile over the one that was held. Raises RequestError for a user who was forgotten."""
    seq = take(connection)
    if is_forgotten(connection, user, salt):
        raise RequestError("This user was forgotten.", "Where they came back on their own will, readmit them first.")
    connection.execute(t.users.delete().where(_u.id == user))
    connection.execute(t.users.insert(), {"id": user, "seq": seq, "updated": now, "profile": as_json(profile)})
    return User(user, dict(profile), seq, now)


def user(connection: Connection, id: str, salt: bytes) -> User | None:
    """Return a user's profile; None where there is none, or the user was forgotten."""
    row = connection.execute(_ONE, {"asked": id}).one_or_none()
    if row is None or is_forgotten(connection, id, salt):
        return None
    return User(row.id, json.loads(row.profile), row.seq, row.updated)


def users_after(connection: Connection, seq: int, limit: int) -> list[User]:
    """Return the profiles that changed after a number, in the order of their last change."""
    rows = connection.execute(_AFTER, {"after": seq, "most": limit})
    return [User(row.id, json.loads(row.profile), row.seq, row.updated) for row in rows]


def forgotten_after(connection: Connection, seq: int, limit: int) -> list[Tombstone]:
    """Return the tombstones that were set or lifted after a number, in order."""
    rows = connection.execute(_STONES, {"after": seq, "most": limit})
    return [Tombstone(row.seq, row.mark, row.time, row.lifted) for row in rows]


def export(connection: Connection, user_id: str, salt: bytes, now: int) -> Export:
    """Return everything that is held of a user."""
    held = user(connection, user_id, salt)
    events = tuple(history(connection, user_id, salt))
    return Export(user_id, None if held is None else held.profile, events, now)


def bury(connection: Connection, user_id: str, salt: bytes, now: int) -> int:
    """Write the tombstone of a user; return its number."""
    seq, mark = take(connection), mark_of(user_id, salt)
    connection.execute(t.tombstones.delete().where(_s.mark == mark))
    row = {"mark": mark, "seq": seq, "time": now, "lifted": None, "erased": None}
    connection.execute(t.tombstones.insert(), row)
    return seq


def erase(connection: Connection, user_id: str) -> tuple[int, bool]:
    """Delete a user's events and profile; return how many events, and whether there was a profile."""
    take(connection, 0)
    events = connection.execute(t.events.delete().where(t.events.c.user_id == user_id)).rowcount
    profiles = connection.execute(t.users.delete().where(_u.id == user_id)).rowcount
    return events, profiles > 0


def is_buried(connection: Connection, mark: str) -> bool:
    """Return whether there is a tombstone of this mark, lifted or not."""
    return connection.execute(select(_s.mark).where(_s.mark == mark)).first() is not None


def note_erased(connection: Connection, marks: Collection[str], now: int) -> None:
    """Write down that no byte of these users is left."""
    for mark in marks:
        connection.execute(t.tombstones.update().where(_s.mark == mark).values(erased=now))


def unfinished(connection: Connection, salt: bytes) -> dict[str, str | None]:
    """Return the marks whose erasing was cut short, each with its user where something of them is still held."""
    stones = connection.execute(select(_s.mark).where(_s.erased.is_(None))).scalars()
    found: dict[str, str | None] = dict.fromkeys(stones)
    if found:
        for column in (t.events.c.user_id, _u.id):
            for name in connection.execute(select(column).distinct()).scalars():
                if (mark := mark_of(name, salt)) in found:
                    found[mark] = name
    return found


def readmit(connection: Connection, user_id: str, salt: bytes, now: int) -> bool:
    """Let a forgotten user begin anew; return whether they were forgotten. What is older than the stone stays out."""
    seq = take(connection)
    mine = (_s.mark == mark_of(user_id, salt)) & _s.lifted.is_(None)
    return connection.execute(t.tombstones.update().where(mine).values(lifted=now, seq=seq)).rowcount > 0
