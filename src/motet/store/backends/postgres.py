"""PostgreSQL, through SQLAlchemy and psycopg: for several machines on one store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from sqlalchemy import Connection, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError

from motet.errors import MissingExtra, StoreError
from motet.schema.urls import hide, without_password
from motet.store import tables as t
from motet.store.backends import BACKENDS, Backend
from motet.store.failures import StoreBusyError
from motet.store.limits import Limits

READERS = 8
CONNECT_SECONDS = 10
STATEMENT_SECONDS = 60
SHORTLY_MS = 200
LOCKED = "55P03"
AGAIN = "It is tried again by itself; `motet forget` tries at once."
_NOW = "SELECT txid_snapshot_xmax(txid_current_snapshot())"
_OLDER = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND age(backend_xmin) > age((:since % 4294967296)::text::xid) LIMIT 1
"""
"""Who has a transaction that began before a number was given out, as far as we may see others' transactions."""
_PREPARING = 0x4D6F7465
"""The advisory lock under which tables are made."""


class Postgres:
    """A store in a PostgreSQL database. Commits are flushed whatever the server's default says."""

    def __init__(self, url: str, limits: Limits) -> None:
        self.where = without_password(url)
        try:
            address = make_url(url).set(drivername="postgresql+psycopg")
        except (ArgumentError, ValueError) as error:
            told = f"'{self.where}' is no database URL: {hide(str(error), url)}."
            raise StoreError(told, "Expected postgresql://user:password@host/database") from None
        options: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "application_name": "motet"}
        options = {name: value for name, value in options.items() if name not in address.query}
        self.engine = create_engine(
            address,
            connect_args=options,
            pool_size=READERS,
            max_overflow=READERS,
            pool_timeout=10,
            pool_pre_ping=True,
            pool_recycle=1800,
            hide_parameters=True,  # what people did belongs into no log
        )
        self._settings = (
            "SET synchronous_commit TO on",
            f"SET lock_timeout TO {int(limits.wait_seconds * 1000)}",
            f"SET statement_timeout TO {STATEMENT_SECONDS * 1000}",
        )

        @event.listens_for(self.engine, "connect")
        def connected(connection: Any, _record: object) -> None:
            with connection.cursor() as cursor:
                for setting in self._settings:
                    cursor.execute(setting)
            connection.commit()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Begin a transaction; the counter's row keeps writers apart (see `_sequence`)."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def preparing(self) -> Iterator[Connection]:
        """Begin a transaction under a lock that all processes of Motet know."""
        with self.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PREPARING})
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a transaction on one snapshot."""
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect() as connection, connection.execution_options(**options).begin():
            connection.execute(text("SET LOCAL statement_timeout TO 0"))
            yield connection

    def moment(self) -> int:
        """Return the number of the next transaction."""
        with self.engine.connect() as connection:
            return int(connection.execute(text(_NOW)).scalar_one())

    def rewrite(self, since: int) -> None:
        """Write the tables anew, so that what was deleted is in none of their files; for so long nobody uses them.

        It waits for the tables only shortly, since everybody else would wait behind it. A row that an older
        transaction may still see would stay in the new files, too: then it is too early. The server's own log of
        changes, its archives and its replicas keep their bytes as long as they are set to.
        """
        with self.engine.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            if alone.execute(text(_OLDER), {"since": since}).first() is not None:
                raise StoreBusyError(f"An older transaction still sees '{self.where}' as it was.", AGAIN)
            alone.execute(text("SET statement_timeout TO 0"))
            alone.execute(text(f"SET lock_timeout TO {SHORTLY_MS}"))
            try:
                for table in (t.users, t.events):
                    alone.execute(text(f"VACUUM (FULL, ANALYZE) {table.name}"))
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != LOCKED:
                    raise
                raise StoreBusyError(f"Others use the tables of '{self.where}' all the time.", AGAIN) from None
            finally:
                for setting in self._settings:
                    alone.execute(text(setting))

    def empty_log(self) -> None:
        """Do nothing: the server's log is its own."""

    def check(self) -> None:
        """Ask for an answer; the server watches over its own files."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1")).scalar_one()

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


@BACKENDS.register("postgresql")
def connect(url: str, limits: Limits) -> Backend:
    """Open the database of `postgresql://user:password@host/database`; its tables are named `motet_…`."""
    if find_spec("psycopg") is None:
        raise MissingExtra("The PostgreSQL driver (psycopg)", "postgres")
    return Postgres(url, limits)
