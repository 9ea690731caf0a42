"""What one database does in its own way; everything else is the same SQL for all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection, Engine

from motet.store.limits import Limits


class Backend(Protocol):
    """A database that is reachable.

    where: how it is called in messages, without a password. engine: for reading; connections are pooled.
    """

    where: str
    engine: Engine

    def writing(self) -> AbstractContextManager[Connection]:
        """Begin a transaction that commits durably at its end, and is rolled back by an error."""

    def preparing(self) -> AbstractContextManager[Connection]:
        """Begin a transaction in which nobody else makes or changes tables."""

    def reading(self) -> AbstractContextManager[Connection]:
        """Begin a transaction that sees one moment of the store throughout."""

    def moment(self) -> int:
        """Return a number by which `rewrite` knows what was deleted until now."""

    def rewrite(self, since: int) -> None:
        """Write the files anew without what was deleted before a moment; StoreBusyError, soon, where others hinder."""

    def empty_log(self) -> None:
        """Empty the log beside the files, where they have one; StoreBusyError, soon, where somebody still reads it."""

    def check(self) -> None:
        """Raise StoreDamagedError where the files are not sound."""

    def close(self) -> None:
        """Let go of all connections."""


Connect = Callable[[str, Limits], Backend]
"""Opens a database by its URL; StoreError where it cannot."""
