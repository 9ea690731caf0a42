"""The store: an append-only event log as the truth, with items, users, keys and models beside it.

    from motet.store import Event, open_store

    with open_store("shop.db") as store:
        receipts = store.append([Event(id="e1", user="ann", item="lamp", behaviour="buy")])
        store.history("ann", limit=50)

Importing this loads no database library; `open_store` does.
"""

from motet.store._protocol import Store
from motet.store.failures import StoreBusyError, StoreDamagedError, StoreFullError
from motet.store.limits import Limits
from motet.store.opening import open_store, restore
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

__all__ = [
    "Activation",
    "Backup",
    "Counts",
    "Event",
    "Export",
    "Forgotten",
    "Item",
    "Key",
    "Limits",
    "LoggedEvent",
    "Model",
    "NewKey",
    "Receipt",
    "Scope",
    "Store",
    "StoreBusyError",
    "StoreDamagedError",
    "StoreFullError",
    "Tombstone",
    "User",
    "Value",
    "open_store",
    "restore",
]
