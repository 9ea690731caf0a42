"""How much a store holds."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from motet.store import _sequence
from motet.store import tables as t
from motet.store.records import Counts


def counts(connection: Connection) -> Counts:
    """Return how much a store holds."""
    events, users, stones = (
        int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in (t.events, t.users, t.tombstones)
    )
    present = select(func.count()).select_from(t.items).where(t.items.c.withdrawn.is_(False))
    items = int(connection.execute(present).scalar_one())
    return Counts(events, users, items, stones, _sequence.head(connection))
