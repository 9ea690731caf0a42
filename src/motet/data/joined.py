"""More rows for checked tables: behind those that are there, and without the users who left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from motet.data.check import first_rows, wants_dedupe
from motet.data.tables import ID, ITEM, OTHER, ROW, TIME, USER, Table, Tables
from motet.errors import DataError
from motet.schema import USERS

_PLACE, _NTH = "@place", "@nth"


def next_row(table: Table) -> int:
    """Return the number that the next row of a table gets: behind all that were read, bad ones too."""
    last = table.frame[ROW].max() if table.frame.height else -1
    return max(table.rows_read, int(last) + 1)  # type: ignore[arg-type]


def with_rows(table: Table, more: Table, *, logged: bool = False) -> Table:
    """Return a table with the rows of another one behind its own, numbered on.

    A row that is there already, an id that is there already, and a pair of a relation that is there already, stay as
    they are: rows may be sent twice. logged: the new rows are events of a log, which holds each of them once, however
    equal they look. Raises DataError where the two count time differently.
    """
    if table.time_unit != more.time_unit:
        raise DataError(
            f"New rows of '{table.name}' count time as '{more.time_unit}', the rows before as '{table.time_unit}'.",
            "Give the new rows their time in the form of the old ones.",
        )
    behind = more.frame.select(table.frame.columns).with_columns(pl.col(ROW) + next_row(table))
    frame = pl.concat([table.frame, behind])
    cells = [name for name in frame.columns if name != ROW]
    if table.spec.id is not None and ID in frame.columns:
        frame = frame.filter(pl.col(ID).is_first_distinct() | pl.col(ID).is_null())
    elif wants_dedupe(table.spec) and not logged:
        frame = pl.concat([table.frame, first_rows(frame, cells).filter(pl.col(ROW) >= next_row(table))])
    return replace(
        table,
        frame=frame,
        rows_read=next_row(table) + more.rows_read,
        duplicates=table.duplicates + more.duplicates + table.frame.height + behind.height - frame.height,
        quarantined=table.quarantined + more.quarantined,
        outliers=dict(Counter(table.outliers) + Counter(more.outliers)),
    )


def without_copies(logged: Table, rows: pl.DataFrame) -> tuple[Table, pl.DataFrame]:
    """Return the events of a log without those that rows of tables and files hold as well, and the rows that are left.

    A row is a copy of an event of the same user, item, moment and behaviour; each row stands for one event.
    """
    keys = [name for name in (USER, ITEM, TIME, *logged.spec.of("behaviour")) if name in logged.frame.columns]
    if logged.time_unit != "ms" or not {USER, TIME} <= set(keys) or not wants_dedupe(logged.spec) or not rows.height:
        return logged, rows
    near = rows.select(keys).with_row_index(_PLACE)
    near = near.join(logged.frame.select(USER, TIME).unique(), on=[USER, TIME], how="semi")
    if not near.height:
        return logged, rows
    nth = pl.int_range(pl.len()).over(keys).alias(_NTH)
    near, events = near.with_columns(nth), logged.frame.with_columns(nth)
    matched = near.join(events, on=[*keys, _NTH], how="semi", nulls_equal=True)[_PLACE]
    left = events.join(near, on=[*keys, _NTH], how="anti", nulls_equal=True, maintain_order="left").drop(_NTH)
    used = pl.Series(np.isin(np.arange(rows.height), matched.to_numpy()))
    kept = replace(logged, frame=left, duplicates=logged.duplicates + logged.frame.height - left.height)
    return kept, rows.filter(~used)


def users_of(tables: Tables, names: Collection[str]) -> set[str]:
    """Return the ids of all users in these tables."""
    found: set[str] = set()
    for name in names:
        if name in tables:
            for column in _people(tables[name]):
                found |= set(tables.frame(name)[column].drop_nulls().unique().to_list())
    return found


def without_users(tables: Tables, gone: Collection[str], *, before: Mapping[str, int] | None = None) -> Tables:
    """Return the tables without the rows of some users. before: by table, rows from this number on stay."""
    if not gone:
        return tables
    named = pl.Series("gone", sorted(gone), dtype=pl.String)
    kept = {}
    for name, table in tables.tables.items():
        frame = table.frame
        for column in _people(table):
            theirs = pl.col(column).is_in(named.implode()).fill_null(False)
            if before is not None and name in before:
                theirs &= pl.col(ROW) < before[name]
            frame = frame.filter(~theirs)
        kept[name] = replace(table, frame=frame)
    return Tables(kept, tables.quarantine)


def _people(table: Table) -> list[str]:
    """The columns of a table that name users."""
    columns = [USER, OTHER, *([ID] if table.name == USERS else [])]
    return [column for column in columns if column in table.frame.columns]
