"""One counter for every change. Its row is locked until the commit, so that numbers appear in the order they count."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from motet.store import tables as t

_TAKE = t.counter.update().values(value=t.counter.c.value + bindparam("more")).returning(t.counter.c.value)
_HEAD = select(t.counter.c.value)


def take(connection: Connection, count: int = 1) -> int:
    """Return the first of `count` fresh numbers. From here to the commit nobody else writes; 0 only takes the lock."""
    return int(connection.execute(_TAKE, {"more": count}).scalar_one()) - count + 1


def head(connection: Connection) -> int:
    """Return the number of the last change."""
    return int(connection.execute(_HEAD).scalar_one())
