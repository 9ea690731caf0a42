"""What databases complain about, in our words: never a false "saved", never a password."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from motet.errors import StoreError
from motet.schema.urls import hide


class StoreBusyError(StoreError):
    """Others hold the store, or too much waits to be written; the same call may succeed in a moment."""


class StoreFullError(StoreError):
    """There is no room left on the disk."""


class StoreDamagedError(StoreError):
    """The file is no sound database."""


NOTHING_SAVED = "Nothing of this call was saved."


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn what the database driver raises within into a StoreError. where: the store's URL or path."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise translate(error, where) from None


def translate(error: Exception, where: str) -> StoreError:
    """Return the StoreError that says what a driver's error means."""
    cause: Any = getattr(error, "orig", None) or error
    said = hide(str(cause), where)
    shown = hide(where, where)
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause, said, shown)
    state = getattr(cause, "sqlstate", None) or ""
    if state.startswith("53"):
        full = f"The database of '{shown}' has no room or no connection left: {said}. {NOTHING_SAVED}"
        return StoreFullError(full, "Free some space, or raise its limits.")
    if state in ("55P03", "57014", "40001", "40P01") or type(error).__name__ == "TimeoutError":
        return StoreBusyError(f"The store '{shown}' is busy: {said}. {NOTHING_SAVED}", "Try again in a moment.")
    if not state or state.startswith(("08", "28", "3D", "57")):
        remedy = "Check that the server runs, and the URL's host, database, user and password."
        return StoreError(f"The store '{shown}' cannot be reached: {said}.", remedy)
    return StoreError(f"The store '{shown}' refused: {said}. {NOTHING_SAVED}", "Check the database's own log.")


def _from_sqlite(cause: sqlite3.Error, said: str, shown: str) -> StoreError:
    name = getattr(cause, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL"):
        return StoreFullError(f"The disk of '{shown}' is full. {NOTHING_SAVED}", "Free some space and send it again.")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusyError(f"The store '{shown}' is busy: {said}. {NOTHING_SAVED}", "Try again in a moment.")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        remedy = "Restore a backup into a new file (motet.store.restore), and keep this one for inspection."
        return StoreDamagedError(f"The store '{shown}' is damaged, or no SQLite file: {said}.", remedy)
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        remedy = "Check that the file and its folder exist and may be written by this user."
        return StoreError(f"The store '{shown}' cannot be written: {said}. {NOTHING_SAVED}", remedy)
    if name.startswith("SQLITE_IOERR"):
        remedy = "Check the disk: its space, quota and health."
        return StoreError(f"The disk of '{shown}' failed: {said}. {NOTHING_SAVED}", remedy)
    return StoreError(f"The store '{shown}' refused: {said}. {NOTHING_SAVED}", "Check that it is a store of Motet's.")
