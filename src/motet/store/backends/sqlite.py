"""SQLite: one file, no server. Journalled ahead (WAL), flushed at every commit (FULL), deleted bytes overwritten."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import QueuePool

from motet.errors import StoreError
from motet.store.backends import BACKENDS, Backend
from motet.store.failures import StoreBusyError, StoreDamagedError
from motet.store.limits import Limits

APPLICATION = 0x4D6F7465  # "Mote", in the file's header
READERS = 8
SAFE = ("synchronous = FULL", "secure_delete = ON", "cell_size_check = ON", "trusted_schema = OFF")
SHORTLY_MS = 200
"""How long emptying the log waits for readers: others may not write for so long."""
CACHE_KIB = 512
"""Of each connection: what it holds, the system's own cache holds for all of them, and two dozen hoards add up."""


class Sqlite:
    """A store in a file. Several processes may open it: one writes at a time, the others wait their turn."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.where = str(path)
        self._path = path
        self._limits = limits
        fresh = not path.exists()
        self.engine = self._engine()
        try:
            self._claim()
        except BaseException:
            self.engine.dispose()
            raise
        if fresh:
            _flush_folder(path.parent)

    def _engine(self) -> Engine:
        def connect() -> sqlite3.Connection:
            return self._connect()

        engine = create_engine(
            "sqlite://",
            creator=connect,
            poolclass=QueuePool,
            pool_size=READERS,
            max_overflow=READERS,
            pool_timeout=10,
            hide_parameters=True,
        )

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            kind = connection.get_execution_options().get("motet_begin", "DEFERRED")
            connection.exec_driver_sql(f"BEGIN {kind}")

        return engine

    def _connect(self) -> sqlite3.Connection:
        wait = self._limits.wait_seconds
        connection = sqlite3.connect(self._path, timeout=wait, isolation_level=None, check_same_thread=False)
        try:
            mode = _journal(connection, wait)
            for pragma in (*SAFE, f"cache_size = -{CACHE_KIB}"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        if mode != "wal":
            connection.close()
            told = f"The disk of '{self.where}' cannot hold a write-ahead log (SQLite answered '{mode}')."
            raise StoreError(told, "Put the store on a local disk, or use PostgreSQL.")
        return connection

    def _claim(self) -> None:
        """Make the file ours where it is empty; refuse one that belongs to somebody else."""
        with self.engine.connect() as connection:
            owner = connection.execute(text("PRAGMA application_id")).scalar_one()
            tables = connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar_one()
        if owner == APPLICATION:
            return
        if tables:
            remedy = "Name another file; a fresh one is made where there is none."
            raise StoreError(f"'{self.where}' is a database of something else.", remedy)
        with self.writing() as connection:
            connection.execute(text(f"PRAGMA application_id = {APPLICATION}"))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Begin a transaction that holds the one place for writing from its start."""
        with self.engine.connect() as connection:
            # From its start, because a transaction that reads first may find that it can no longer write.
            connection.execution_options(motet_begin="IMMEDIATE")
            with connection.begin():
                yield connection

    preparing = writing

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a transaction on one snapshot."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def moment(self) -> int:
        """Return 0: a file that is written anew holds what is there now, whoever still reads the old one."""
        return 0

    def rewrite(self, since: int) -> None:
        """Write the file anew, so that what was deleted is in none of its bytes; nobody writes meanwhile.

        Overwriting what is deleted is not enough: where cells move between pages, SQLite leaves copies in the gaps.
        """
        connection = self._connect()
        try:
            connection.execute("VACUUM")
        finally:
            connection.close()

    def empty_log(self) -> None:
        """Empty the log beside the file, which holds what was deleted until then. Nobody writes for so long."""
        connection = self._connect()
        try:
            connection.execute(f"PRAGMA busy_timeout = {SHORTLY_MS}")
            if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                told = f"Somebody reads '{self.where}' all the time, so that its log cannot be emptied."
                raise StoreBusyError(told, "It is tried again by itself; `motet forget` tries at once.")
        finally:
            connection.close()

    def settle(self) -> None:
        """Make the file one that stands alone, without a log beside it."""
        connection = self._connect()
        try:
            connection.execute("VACUUM")
            connection.execute("PRAGMA journal_mode = DELETE")
        finally:
            connection.close()

    def check(self) -> None:
        """Read every page; StoreDamagedError where one is not sound."""
        with self.engine.connect() as connection:
            found: Any = connection.execute(text("PRAGMA integrity_check(1)")).scalar_one()
        if found != "ok":
            remedy = "Restore a backup into a new file (motet.store.restore)."
            raise StoreDamagedError(f"The store '{self.where}' is damaged: {str(found).splitlines()[-1]}.", remedy)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


@BACKENDS.register("sqlite")
def connect(url: str, limits: Limits) -> Backend:
    """Open the file of `sqlite:///relative.db` or `sqlite:////absolute.db`, or make it."""
    name = url.partition(":///")[2].partition("?")[0]
    if not name or name == ":memory:":
        told = f"'{url}' names no file, and a store in memory would lose everything."
        raise StoreError(told, "Name a file: shop.db, or sqlite:///shop.db")
    path = Path(name)
    if path.is_dir():
        raise StoreError(
            f"'{path}' is a folder; expected a file.", f"Name a file in it, for instance {path / 'shop.db'}"
        )
    if not path.parent.is_dir():
        raise StoreError(f"There is no folder '{path.parent}' for the store.", "Make it first, or name another place.")
    return Sqlite(path, limits)


def _journal(connection: sqlite3.Connection, wait: float) -> str:
    """Switch to the write-ahead log; return the mode in force. SQLite does not wait here by itself."""
    until = time.monotonic() + wait
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _flush_folder(folder: Path) -> None:
    """Flush a folder, so that a file made in it is found after a power cut."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
