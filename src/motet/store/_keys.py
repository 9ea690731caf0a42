"""Keys to the doors: a secret is shown once; what is held is its salted hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any, get_args

from sqlalchemy import Connection, Row, bindparam, select

from motet.errors import RequestError
from motet.store import tables as t
from motet.store.records import Key, NewKey, Scope

PREFIX = "motet"
SCOPES: tuple[str, ...] = get_args(Scope)
NOTED_EVERY = 60_000
"""How often a key's last use is written down, in milliseconds: not a write per request."""

_k = t.keys.c
_ONE = select(t.keys).where(_k.id == bindparam("asked"))


def create(connection: Connection, name: str, scopes: Sequence[Scope], now: int) -> NewKey:
    """Make a key. Raises RequestError for an unknown scope."""
    for scope in scopes:
        if scope not in SCOPES:
            known = ", ".join(SCOPES)
            raise RequestError(f"There is no scope '{scope}'; known: {known}.", "Choose one or more of these.")
    if not scopes:
        raise RequestError("A key needs a scope.", f"Choose one or more of {', '.join(SCOPES)}.")
    id, secret, salt = secrets.token_hex(6), secrets.token_urlsafe(32), secrets.token_hex(16)
    held = tuple(dict.fromkeys(scopes))
    row = {"id": id, "name": name, "scopes": ",".join(held), "salt": salt, "hash": _hash(secret, salt), "created": now}
    connection.execute(t.keys.insert(), row)
    return NewKey(Key(id, name, held, now), f"{PREFIX}_{id}_{secret}")


def find(connection: Connection, secret: str) -> Key | None:
    """Return the key that a secret belongs to, compared in constant time; None where it is unknown or revoked."""
    prefix, _, rest = secret.partition("_")
    id, _, word = rest.partition("_")
    if prefix != PREFIX or not id.isalnum() or not id.isascii() or not word.isascii():
        return None
    row = connection.execute(_ONE, {"asked": id}).one_or_none()
    if row is None or not hmac.compare_digest(_hash(word, row.salt), row.hash) or row.revoked is not None:
        return None
    return _key(row)


def note_use(connection: Connection, id: str, now: int) -> None:
    """Write down when a key was last used."""
    connection.execute(t.keys.update().where(_k.id == id).values(last_used=now))


def keys(connection: Connection) -> list[Key]:
    """Return all keys, revoked ones too, the oldest first."""
    return [_key(row) for row in connection.execute(select(t.keys).order_by(_k.created, _k.id))]


def revoke(connection: Connection, id: str, now: int) -> bool:
    """Close a key for ever; return whether it was open."""
    done = connection.execute(t.keys.update().where(_k.id == id, _k.revoked.is_(None)).values(revoked=now))
    return done.rowcount > 0


def _hash(secret: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}{secret}".encode()).hexdigest()  # 256 random bits need no slow hash


def _key(row: Row[Any]) -> Key:
    return Key(row.id, row.name, tuple(row.scopes.split(",")), row.created, row.last_used, row.revoked)
