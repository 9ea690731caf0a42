"""Bring a database to the tables of this version: make them, or walk forward one version at a time."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, inspect, select

from motet.errors import StoreError
from motet.store import tables as t

Step = Callable[[Connection], None]

STEPS: Mapping[int, Step] = {}
"""How tables of version n become those of version n + 1, by n. A step changes tables and rows, and nothing else."""

SALT = "salt"


def migrate(connection: Connection, where: str, *, version: int = t.VERSION, steps: Mapping[int, Step] = STEPS) -> None:
    """Make or renew the tables within the transaction of `connection`.

    Raises StoreError where they are newer than this program, or too old for it.
    """
    if not inspect(connection).has_table(t.schema_version.name):
        _create(connection, version)
        return
    found = version_of(connection)
    if found > version:
        raise StoreError(
            f"The store '{where}' has tables of version {found}; this Motet knows versions up to {version}.",
            "Use the newer Motet that wrote it, or restore a backup from before.",
        )
    for number in range(found, version):
        if number not in steps:
            known = f"The store '{where}' has tables of version {found}, and no way leads from there to {version}."
            raise StoreError(known, "Open it with the Motet that wrote it, and make a backup there.")
        steps[number](connection)
        connection.execute(t.schema_version.update().values(version=number + 1))


def version_of(connection: Connection) -> int:
    """Return the version of a database's tables."""
    return int(connection.execute(select(t.schema_version.c.version)).scalar_one())


def _create(connection: Connection, version: int) -> None:
    t.METADATA.create_all(connection, checkfirst=False)
    connection.execute(t.schema_version.insert().values(version=version))
    connection.execute(t.counter.insert().values(id=1, value=0))
    connection.execute(t.meta.insert().values(name=SALT, value=secrets.token_hex(32)))
