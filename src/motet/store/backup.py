"""Backups: one moment of a store as an SQLite file with its checksum, whatever database it came from."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from sqlalchemy import Connection, select

from motet.errors import StoreError
from motet.store import tables as t
from motet.store._counts import counts
from motet.store.backends import Backend
from motet.store.backends.sqlite import Sqlite
from motet.store.failures import StoreDamagedError, translated
from motet.store.limits import Limits
from motet.store.migrate import migrate
from motet.store.records import Backup, Counts

ROWS = 5_000
_FRESH = (t.schema_version, t.counter, t.meta)


def write_backup(source: Connection, path: Path, limits: Limits) -> Backup:
    """Copy what `source`, a transaction on one snapshot, sees; the file appears whole, checked, or not at all.

    Its folder is made where there is none.
    """
    if path.exists():
        raise StoreError(f"'{path}' exists already.", "Name a new file: backups are never written over.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = f"The folder '{path.parent}' for the backup cannot be made: {error.strerror}."
        raise StoreError(told, "Check its permissions, or name another.") from None
    beside = path.with_name(path.name + ".part")
    try:
        with translated(str(path)):
            _remove(beside)
            held = _copied(source, beside, limits)
        digest = sha256_of(beside)
        _write_flushed(_sidecar(path), f"{digest}  {path.name}\n")
        os.replace(beside, path)
        _flush(path.parent)
    except OSError as error:
        raise StoreError(f"The backup '{path}' cannot be written: {error.strerror}.", "Check the disk.") from None
    finally:
        _remove(beside)
    return Backup(str(path), digest, path.stat().st_size, held)


def _copied(source: Connection, path: Path, limits: Limits) -> Counts:
    target = Sqlite(path, limits)
    try:
        with target.preparing() as connection:
            migrate(connection, str(path))
            copy_rows(source, connection)
            held, wanted = counts(connection), counts(source)
        if held != wanted:
            raise StoreError(f"The backup '{path}' differs from the store: {held}, {wanted}.", "Make it once more.")
        target.check()
        target.close()
        target.settle()
    finally:
        target.close()
    return held


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row of every table. The target's tables have to be fresh."""
    for table in t.METADATA.sorted_tables:
        if table in _FRESH:
            target.execute(table.delete())
        rows = source.execution_options(stream_results=True).execute(select(table))
        for chunk in rows.mappings().partitions(ROWS):
            target.execute(table.insert(), [dict(row) for row in chunk])


def check_backup(path: Path) -> str:
    """Return the checksum of a backup. Raises StoreDamagedError where it is not the one written beside it."""
    beside = _sidecar(path)
    if not path.is_file() or not beside.is_file():
        missing = beside if path.is_file() else path
        raise StoreError(f"There is no file '{missing}'.", "A backup is a file and its checksum, NAME and NAME.sha256.")
    found, wanted = sha256_of(path), beside.read_text(encoding="utf-8", errors="replace").partition(" ")[0]
    if found != wanted:
        raise StoreDamagedError(f"The backup '{path}' is damaged: its checksum differs.", "Use another backup.")
    return found


def restore_rows(path: Path, target: Backend, limits: Limits) -> None:
    """Fill a store that holds nothing yet from a checked backup, in one transaction."""
    check_backup(path)
    with tempfile.TemporaryDirectory() as folder:  # the backup itself may be old, or lie where nobody may write
        source = Sqlite(Path(shutil.copy(path, folder)), limits)
        try:
            with source.preparing() as connection:
                migrate(connection, str(path))
            with source.reading() as older, target.preparing() as connection:
                migrate(connection, target.where)
                _refuse_filled(connection, target.where)
                copy_rows(older, connection)
        finally:
            source.close()


def _refuse_filled(connection: Connection, where: str) -> None:
    for table in t.METADATA.sorted_tables:
        if table not in _FRESH and connection.execute(select(table).limit(1)).first() is not None:
            raise StoreError(f"The store '{where}' is not empty.", "Restore into a new file or database.")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _write_flushed(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
