"""The event log: append, follow, and read one user's events in order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from motet.store import tables as t
from motet.store._marks import CHUNK, is_forgotten, tombstones_of
from motet.store._sequence import take
from motet.store.checks import Prepared
from motet.store.records import LoggedEvent, Receipt

_e = t.events.c
_KNOWN = select(_e.id, _e.digest, _e.seq, _e.time, _e.clamped).where(_e.id.in_(bindparam("ids", expanding=True)))
_AFTER = select(t.events).where(_e.seq > bindparam("after")).order_by(_e.seq).limit(bindparam("most"))
_ONE = select(t.events).where(_e.id == bindparam("asked"))
_OF_USER = select(t.events).where(_e.user_id == bindparam("user"))
_LAST = _OF_USER.order_by(_e.time.desc(), _e.id.desc()).limit(bindparam("most"))
_ALL = _OF_USER.order_by(_e.time, _e.id)
_HAD = select(_e.item_id).distinct().where(_e.user_id == bindparam("user"), _e.item_id.is_not(None))
_INSERT = t.events.insert()


def append(connection: Connection, prepared: Sequence[Prepared], salt: bytes) -> list[Receipt]:
    """Write what is new, within the transaction of `connection`; return a receipt for each, in order."""
    take(connection, 0)  # the lock comes before the look, or two processes could both find an id free
    known = _known(connection, [each.event.id for each in prepared])
    forgotten = tombstones_of(connection, {each.event.user for each in prepared}, salt)
    fresh: dict[str, Prepared] = {}
    refused: set[int] = set()
    for place, each in enumerate(prepared):
        stone = forgotten.get(each.event.user)
        gone = stone is not None and (stone.lifted is None or each.time <= stone.time)
        if each.event.id not in known and each.event.id not in fresh:
            if gone:
                refused.add(place)
            else:
                fresh[each.event.id] = each
    first = take(connection, len(fresh))
    seqs = {id: first + place for place, id in enumerate(fresh)}
    if fresh:
        connection.execute(_INSERT, [_row(each, seqs[id]) for id, each in fresh.items()])
    return [
        Receipt(each.event.id, "forgotten", reason="its user was forgotten")
        if place in refused
        else _receipt(each, known, fresh, seqs)
        for place, each in enumerate(prepared)
    ]


def _receipt(each: Prepared, known: dict[str, Any], fresh: dict[str, Prepared], seqs: dict[str, int]) -> Receipt:
    id = each.event.id
    if fresh.get(id) is each:
        return Receipt(id, "saved", seqs[id], each.time, each.clamped)
    if id in known:
        held = known[id]
        digest, seq, time, clamped = held.digest, held.seq, held.time, bool(held.clamped)
    else:
        digest, seq, time, clamped = fresh[id].digest, seqs[id], fresh[id].time, fresh[id].clamped
    if digest == each.digest:
        return Receipt(id, "duplicate", seq, time, clamped)
    return Receipt(id, "conflict", reason="an event with this id and other content is held; it stays as it was")


def _known(connection: Connection, ids: Sequence[str]) -> dict[str, Any]:
    found = {}
    for start in range(0, len(ids), CHUNK):
        for row in connection.execute(_KNOWN, {"ids": ids[start : start + CHUNK]}):
            found[row.id] = row
    return found


def _row(each: Prepared, seq: int) -> dict[str, Any]:
    event = each.event
    return {
        "seq": seq,
        "id": event.id,
        "user_id": event.user,
        "item_id": event.item,
        "behaviour": event.behaviour,
        "time": each.time,
        "received": each.received,
        "data": each.values,
        "text": event.text,
        "digest": each.digest,
        "clamped": each.clamped,
    }


def events_after(connection: Connection, seq: int, limit: int) -> list[LoggedEvent]:
    """Return the events that came after a number, in the order of the log."""
    return [_logged(row) for row in connection.execute(_AFTER, {"after": seq, "most": limit})]


def event(connection: Connection, id: str) -> LoggedEvent | None:
    """Return one event, or None."""
    row = connection.execute(_ONE, {"asked": id}).one_or_none()
    return None if row is None else _logged(row)


def history(connection: Connection, user: str, salt: bytes, limit: int | None = None) -> list[LoggedEvent]:
    """Return a user's events by time and id: whatever order they came in. limit: only the last so many."""
    if is_forgotten(connection, user, salt):
        return []
    if limit is None:
        return [_logged(row) for row in connection.execute(_ALL, {"user": user})]
    rows = connection.execute(_LAST, {"user": user, "most": limit}).all()
    return [_logged(row) for row in reversed(rows)]


def items_had(connection: Connection, user: str, salt: bytes) -> list[str]:
    """Return the ids of all items that a user's events name, each once, in no order."""
    if is_forgotten(connection, user, salt):
        return []
    return list(connection.execute(_HAD, {"user": user}).scalars())


def _logged(row: Row[Any]) -> LoggedEvent:
    return LoggedEvent(
        seq=row.seq,
        received=row.received,
        id=row.id,
        user=row.user_id,
        item=row.item_id,
        behaviour=row.behaviour,
        time=row.time,
        values=json.loads(row.data),
        text=row.text,
    )
