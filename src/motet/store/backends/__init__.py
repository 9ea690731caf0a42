"""The databases that can hold a store, by the scheme of their URL; each file is one of them."""

from __future__ import annotations

from motet.registry import Shelf
from motet.store.backends._protocol import Backend, Connect

BACKENDS: Shelf[Connect] = Shelf("store", "motet.store.backends")

__all__ = ["BACKENDS", "Backend", "Connect"]
