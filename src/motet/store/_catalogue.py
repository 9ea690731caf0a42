"""Items, as they were last put."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from motet.store import tables as t
from motet.store._sequence import take
from motet.store.checks import as_json
from motet.store.records import Item

_i = t.items.c
_ONE = select(t.items).where(_i.id == bindparam("asked"))
_AFTER = select(t.items).where(_i.seq > bindparam("after")).order_by(_i.seq).limit(bindparam("most"))


def put(connection: Connection, items: Sequence[Item], now: int) -> list[Item]:
    """Write items over what was held of them; return them as held."""
    last = {item.id: item for item in items}
    first = take(connection, len(last))
    held = []
    for place, item in enumerate(last.values()):
        row = {
            "id": item.id,
            "seq": first + place,
            "updated": now,
            "attributes": as_json(item.attributes),
            "text": item.text,
            "available": item.available,
            "withdrawn": False,
        }
        connection.execute(t.items.delete().where(_i.id == item.id))
        connection.execute(t.items.insert(), row)
        held.append(Item(item.id, dict(item.attributes), item.text, item.available, False, first + place, now))
    return held


def withdraw(connection: Connection, id: str, now: int) -> bool:
    """Mark an item as gone; return whether it was there."""
    seq = take(connection)
    changed = t.items.update().where(_i.id == id, _i.withdrawn.is_(False)).values(withdrawn=True, seq=seq, updated=now)
    return connection.execute(changed).rowcount > 0


def item(connection: Connection, id: str) -> Item | None:
    """Return an item, also one that was withdrawn; None where it was never put."""
    row = connection.execute(_ONE, {"asked": id}).one_or_none()
    return None if row is None else _item(row)


def items_after(connection: Connection, seq: int, limit: int) -> list[Item]:
    """Return the items that changed after a number, each as it is now, in the order of their last change."""
    return [_item(row) for row in connection.execute(_AFTER, {"after": seq, "most": limit})]


def _item(row: Row[Any]) -> Item:
    attributes = json.loads(row.attributes)
    return Item(row.id, attributes, row.text, bool(row.available), bool(row.withdrawn), row.seq, row.updated)
