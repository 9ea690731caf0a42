"""Open a store by its address, and fill a new one from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from motet.errors import MissingExtra, StoreError
from motet.schema.urls import known_url, without_password
from motet.store._protocol import Store
from motet.store.limits import Limits

if TYPE_CHECKING:
    from motet.store.backends import Backend

_SCHEMES = {"sqlite": "sqlite", "postgresql": "postgresql", "postgres": "postgresql"}


def open_store(where: str | Path, *, limits: Limits | None = None) -> Store:
    """Return the store at `where`, made where there is none.

    where: a file (`shop.db`), `sqlite:///shop.db`, `postgresql://user:password@host/database`, or `env:NAME`.
    Raises StoreError where it cannot be opened, is damaged, or was written by a newer Motet; MissingExtra for drivers.
    """
    limits = limits or Limits()
    _require_sqlalchemy()
    from motet.store.sql import SqlStore

    backend = _connect(where, limits)
    try:
        return SqlStore(backend, limits)
    except BaseException:
        backend.close()
        raise


def restore(backup: str | Path, where: str | Path, *, limits: Limits | None = None) -> None:
    """Fill a store that holds nothing yet from a backup, whichever database that came from.

    Who was forgotten after the backup was made is back, and has to be forgotten again. Raises StoreError where the
    backup's checksum differs, or the store is not empty; then the store is as it was.
    """
    limits = limits or Limits()
    _require_sqlalchemy()
    from motet.store.backup import restore_rows
    from motet.store.failures import translated

    backend = _connect(where, limits)
    try:
        with translated(backend.where):
            restore_rows(Path(backup), backend, limits)
    finally:
        backend.close()


def _connect(where: str | Path, limits: Limits) -> Backend:
    from motet.store.backends import BACKENDS
    from motet.store.failures import translated

    url = address(where)
    with translated(url):
        return BACKENDS.get(_SCHEMES[_scheme(url)])(url, limits)


def address(where: str | Path) -> str:
    """Return the URL of a store's address. Raises StoreError for a kind of database that cannot hold one."""
    url = known_url(str(where).strip())
    if "://" not in url:
        return f"sqlite:///{url}"
    if _scheme(url) not in _SCHEMES:
        told = f"'{without_password(url)}' is of no kind that can hold a store; known: a file, sqlite, postgresql."
        raise StoreError(told, "For instance: shop.db, or postgresql://user:password@host/database")
    return url


def _scheme(url: str) -> str:
    return url.partition("://")[0].partition("+")[0].lower()


def _require_sqlalchemy() -> None:
    from importlib.util import find_spec

    if find_spec("sqlalchemy") is None:
        raise MissingExtra("SQLAlchemy, which the store needs,", "serve")
