"""Rows of a database: what a query gives, read piece by piece, each column with one type."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

from motet.errors import DataError, MissingExtra, ProjectError
from motet.schema.urls import hide, known_url, without_password

ROWS = 50_000
"""Rows fetched at a time: Python's own objects for them are gone before the next ones come."""

Row = Sequence[Any]
_SCHEMES = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def read_query(url: str, query: str, root: Path) -> pl.DataFrame:
    """Return the rows of a query, read only.

    url: `sqlite:///file` (relative to `root`), `postgresql://…`, another URL that SQLAlchemy has a driver for, or
    `env:NAME` that holds one. Raises DataError, in one line and without the password, where the database cannot be
    reached or refuses the query; MissingExtra where the driver is not installed.
    """
    try:
        url = known_url(url)
    except ProjectError as error:
        raise DataError(error.message, error.remedy) from None
    if url.startswith("sqlite:///"):
        return _frame(*_from_sqlite(root / url.removeprefix("sqlite:///"), query))
    return _from_server(url, query)


def _from_sqlite(path: Path, query: str) -> tuple[list[str], Iterator[list[Row]]]:
    if not path.is_file():
        raise DataError(
            f"There is no SQLite file '{path}'.", "Check the url: sqlite:///relative or sqlite:////absolute"
        )
    names: list[str] = []

    def chunks() -> Iterator[list[Row]]:
        try:
            with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=30)) as connection:
                connection.text_factory = _text
                cursor = connection.execute(query)
                names.extend(column[0] for column in cursor.description or ())
                yield []
                while rows := cursor.fetchmany(ROWS):
                    yield rows
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            raise _failed(error, str(path)) from None

    return names, chunks()


def _text(cell: bytes) -> str | bytes:
    """Return a text cell; one that is not UTF-8 stays bytes, and its row goes to the quarantine."""
    try:
        return cell.decode("utf-8")
    except UnicodeDecodeError:
        return cell


def _from_server(url: str, query: str) -> pl.DataFrame:
    scheme = url.partition("://")[0].lower()
    if "://" not in url:
        shown = without_password(url)
        raise DataError(
            f"'{shown}' is no database URL.", "Expected sqlite:///file or postgresql://user:password@host/db"
        )
    if find_spec("sqlalchemy") is None or (scheme in _SCHEMES and find_spec("psycopg") is None):
        raise MissingExtra(f"What reads {scheme} (SQLAlchemy and psycopg)", "postgres")
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    names: list[str] = []

    def chunks() -> Iterator[list[Row]]:
        try:
            address = make_url(url)
            server = scheme in _SCHEMES
            options = {"connect_timeout": 15} if server and "connect_timeout" not in address.query else {}
            engine = create_engine(
                address.set(drivername=_SCHEMES.get(scheme, address.drivername)), connect_args=options
            )
            try:
                with engine.connect() as connection:
                    # Without parameters, so that a `%` in the query is only a `%`.
                    connection = connection.execution_options(stream_results=True, no_parameters=True, yield_per=ROWS)
                    if server:
                        connection = connection.execution_options(postgresql_readonly=True)
                    result = connection.exec_driver_sql(query)
                    if result.returns_rows:
                        names.extend(result.keys())
                        yield []
                        yield from (list(rows) for rows in result.partitions(ROWS))  # type: ignore[misc]
            finally:
                engine.dispose()
        except (NoSuchModuleError, ModuleNotFoundError):
            told = f"There is no driver for '{scheme}' databases."
            raise DataError(told, "Use sqlite or postgresql, or install SQLAlchemy's dialect for it.") from None
        except (ArgumentError, ValueError) as error:
            raise DataError(
                f"'{without_password(url)}' is no database URL: {hide(str(error), url)}.",
                "Expected postgresql://user:password@host/database",
            ) from None
        except SQLAlchemyError as error:
            raise _failed(getattr(error, "orig", None) or error, url) from None

    return _frame(names, chunks())


def _failed(error: object, url: str) -> DataError:
    said = hide(str(error), url)
    unreachable = any(
        sign in said for sign in ("connection failed", "could not connect", "unable to open", "timeout", "resolve host")
    )
    if unreachable:
        remedy = "Check that the server runs, and the URL's host, database, user and password."
        return DataError(f"The database '{without_password(url)}' cannot be reached: {said}.", remedy)
    return DataError(f"The query failed: {said}.", "Check the table's query; it may only read.")


def _frame(names: list[str], chunks: Iterable[list[Row]]) -> pl.DataFrame:
    """Return all rows as one frame. Each piece is typed for itself; where pieces differ, the wider type holds both."""
    pieces: list[list[pl.Series]] = []
    for rows in chunks:
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(f"The query gives two columns '{twice}'.", f"Name one of them anew: … AS other_{twice}")
        if rows:
            pieces.append([to_series(name, cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)])
    if not names:
        raise DataError("The query gives no rows: it is no SELECT.", "Write a query that reads: SELECT … FROM …")
    if not pieces:
        return pl.DataFrame({name: pl.Series(name, [], pl.String) for name in names})
    return pl.DataFrame([_joined(list(column)) for column in zip(*pieces, strict=True)])


def to_series(name: str, cells: Sequence[Any]) -> pl.Series:
    """Return a column with the one type that holds all its cells; where there is none, they become text."""
    plain = [_plain(cell) for cell in cells]
    kinds = {type(cell) for cell in plain} - {type(None)}
    if not kinds:
        return pl.Series(name, plain, pl.Null)
    for allowed, dtype, convert in _TYPES:
        if kinds <= allowed:
            converted = plain if convert is None or len(kinds) == 1 else [c if c is None else convert(c) for c in plain]
            try:
                return pl.Series(name, converted, dtype, strict=True)
            except (pl.exceptions.PolarsError, OverflowError, TypeError):
                break  # a number beyond 64 bits, for instance
    return pl.Series(name, [None if cell is None else _said(cell) for cell in plain], pl.String)


def _encoded(cell: str | bytes) -> bytes:
    return cell.encode() if isinstance(cell, str) else cell


def _moment(cell: date) -> datetime:
    return cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)


_TYPES: list[tuple[set[type], Any, Callable[[Any], Any] | None]] = [
    ({bool}, pl.Boolean, None),
    ({int}, pl.Int64, None),
    ({int, float, bool}, pl.Float64, float),
    ({str}, pl.String, None),
    ({str, bytes}, pl.Binary, _encoded),
    ({date}, pl.Date, None),
    ({date, datetime}, pl.Datetime("us"), _moment),
    ({list}, pl.List(pl.String), None),
]


def _plain(cell: Any) -> Any:
    """Return a database's cell as one of few types; moments in UTC, lists as lists of text."""
    if cell is None or isinstance(cell, str | int | float | bytes):
        return cell
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).replace(tzinfo=None) if cell.tzinfo is not None else cell
    if isinstance(cell, date):
        return cell
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, memoryview | bytearray):
        return bytes(cell)
    if isinstance(cell, list | tuple):
        return [None if each is None else _said(_plain(each)) for each in cell]
    if isinstance(cell, dict):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell)


def _said(cell: Any) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


def _joined(pieces: list[pl.Series]) -> pl.Series:
    """Return one column of several pieces of it."""
    dtypes = {piece.dtype for piece in pieces} - {pl.Null()}
    if len(dtypes) > 1:
        if dtypes <= {pl.Int64(), pl.Float64(), pl.Boolean()}:
            pieces = [piece.cast(pl.Float64) for piece in pieces]
        else:
            pieces = [to_series(piece.name, [_text_of(cell) for cell in piece.to_list()]) for piece in pieces]
    wide = next((piece.dtype for piece in pieces if piece.dtype != pl.Null), pl.String())
    return pl.concat([piece.cast(wide) if piece.dtype == pl.Null else piece for piece in pieces])


def _text_of(cell: Any) -> str | None:
    return None if cell is None else " ".join(cell) if isinstance(cell, list) else _said(cell)
