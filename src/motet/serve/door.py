"""The door: who may come in, to do what, and how often."""

from __future__ import annotations

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from motet.serve.failures import HttpError
from motet.serve.pages import PATHS as CONSOLE
from motet.serve.settings import Bounds
from motet.store import Key, Scope, Store

OPEN_PATHS = frozenset({"/health", "/ready", "/openapi.json", *CONSOLE})
"""Everything else asks for a key, also paths that do not exist."""
REMEMBERED = 1_000
ANYBODY = Key("anybody", "anybody", ("read", "write", "admin"), 0)


@dataclass
class _Bucket:
    """What is left of a key's allowance, and when that was."""

    left: float
    at: float


class Door:
    """Looks keys up, for a moment from memory, and counts what each of them asks for.

    open_door: everybody may do everything. clock: seconds, for tests.
    """

    def __init__(
        self, store: Store, bounds: Bounds, *, open_door: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._bounds, self._open, self._clock = store, bounds, open_door, clock
        self._known: OrderedDict[bytes, tuple[Key, float]] = OrderedDict()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def remembered(self, authorization: str | None) -> Key | None:
        """Return the key without asking the store, or None where that has to be done."""
        if self._open:
            return ANYBODY
        found = self._known.get(_digest(_secret(authorization)))
        return found[0] if found is not None and self._clock() < found[1] else None

    def look_up(self, authorization: str | None) -> Key:
        """Return the key of an Authorization header; raises for one that is missing, unknown or revoked."""
        secret = _secret(authorization)
        key = self._store.find_key(secret)
        digest = _digest(secret)
        if key is None:
            self._known.pop(digest, None)
            raise unauthorised("This key is unknown or revoked.")
        self._known[digest] = (key, self._clock() + self._bounds.key_seconds)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return key

    def count(self, key: Key) -> None:
        """Take one request from a key's allowance; raises where nothing is left of it."""
        now = self._clock()
        bucket = self._buckets.setdefault(key.id, _Bucket(self._bounds.burst, now))
        bucket.left = min(self._bounds.burst, bucket.left + (now - bucket.at) * self._bounds.rate)
        bucket.at = now
        if bucket.left < 1:
            wait = max(1, math.ceil((1 - bucket.left) / self._bounds.rate))
            told = f"This key asks more than {self._bounds.rate:g} times a second."
            raise HttpError(429, told, "Ask less often.", headers={"Retry-After": str(wait)})
        bucket.left -= 1
        while len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)


def allows(key: Key, scope: Scope) -> bool:
    """Return whether a key may do what needs a scope; `admin` may do everything."""
    return scope in key.scopes or "admin" in key.scopes


def unauthorised(message: str) -> HttpError:
    """Return the answer to somebody without a valid key."""
    remedy = "Send the header 'Authorization: Bearer KEY'; `motet key add` makes a key."
    return HttpError(401, message, remedy, headers={"WWW-Authenticate": "Bearer"})


def header(headers: list[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Return a header of a request, or None."""
    return next((value.decode("latin-1") for key, value in headers if key == name), None)


def _secret(authorization: str | None) -> str:
    kind, _, secret = (authorization or "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise unauthorised("This request has no key.")
    return secret.strip()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
