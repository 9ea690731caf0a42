"""Rows that are kept aside, with file, line and reason."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl

from motet.data.parts import Part
from motet.errors import DataError

SCHEMA = {"table": pl.String, "file": pl.String, "row": pl.Int64, "column": pl.String, "reason": pl.String}
FAULTS = {"number": pl.Int64, "column": pl.String, "reason": pl.String}
"""Faults as they are found. number: the @row of the bad row."""

MOST_BAD = 0.2
"""A table with a larger share of bad rows is refused: then the declaration is wrong, not the rows."""

_LONGEST = 40


def faults(numbers: pl.Series, column: str, reason: str, shown: pl.Series | None = None) -> pl.DataFrame:
    """Return one fault per number. shown: the cells, which the reason quotes, shortened."""
    rows = pl.DataFrame({"number": numbers.cast(pl.Int64)})
    said = pl.lit(reason)
    if shown is not None:
        text = pl.Series([quoted(cell) for cell in shown.to_list()], dtype=pl.String)
        rows, said = rows.with_columns(text.alias("shown")), pl.lit(reason + ": ") + pl.col("shown")
    return rows.select("number", pl.lit(column).alias("column"), said.alias("reason"))


def quoted(cell: object) -> str:
    """Return a cell as it is quoted in a reason, shortened."""
    text = repr(cell)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def merge_faults(found: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the first fault of every bad row, in file order."""
    every = pl.concat([pl.DataFrame(schema=FAULTS), *found])
    return every.unique("number", keep="first", maintain_order=True).sort("number")


class BadRowsError(DataError):
    """A table has so many bad rows that its declaration must be wrong. quarantine: all bad rows found so far."""

    def __init__(self, message: str, remedy: str, quarantine: pl.DataFrame) -> None:
        super().__init__(message, remedy)
        self.quarantine = quarantine


def refuse_if_too_many(table: str, found: pl.DataFrame, parts: list[Part]) -> None:
    """Raise BadRowsError where more than a fifth of a table's rows are bad."""
    rows_read = sum(part.total for part in parts)
    if found.height <= MOST_BAD * rows_read:
        return
    kind = pl.col("reason").str.split(": ").list.first().alias("kind")
    kinds = (
        found.with_columns(kind)
        .group_by("column", "kind", maintain_order=True)
        .agg(pl.len(), pl.col("number", "reason").first())
    )
    worst = kinds.sort("len", descending=True, maintain_order=True).row(0, named=True)
    place = locate(table, found.filter(pl.col("number") == worst["number"]), parts).row(0, named=True)
    where = f"column '{worst['column']}' is " if worst["column"] else ""
    raise BadRowsError(
        f"Table '{table}': {found.height:,} of {rows_read:,} rows are bad, most often ({worst['len']:,} times): "
        f"{where}{worst['reason']} ({place['file']}, row {place['row']}).",
        f"Check what [tables.{table}] says about its columns, or clean the file.",
        locate(table, found, parts),
    )


def locate(table: str, found: pl.DataFrame, parts: list[Part]) -> pl.DataFrame:
    """Return the faults with the file and the line (or row) in which they stand."""
    ends = np.cumsum([part.total for part in parts])
    numbers = found["number"].to_numpy()
    which = np.searchsorted(ends, numbers, side="right")
    rows = np.zeros(len(numbers), np.int64)
    broken = {(place, one.record): one.line for place, part in enumerate(parts) for one in part.broken}
    for place, part in enumerate(parts):
        here = which == place
        records = numbers[here] - (ends[place] - part.total)
        known = np.array([broken.get((place, int(record)), 0) for record in records], np.int64)
        if (known == 0).any():
            known[known == 0] = part.lines_of(records[known == 0])
        rows[here] = known
    files = [parts[place].file for place in which]
    columns = {"file": pl.Series(files, dtype=pl.String), "row": pl.Series(rows, dtype=pl.Int64)}
    return found.select(pl.lit(table).alias("table"), **columns, column="column", reason="reason").select(list(SCHEMA))


def write_quarantine(rows: pl.DataFrame, path: str | Path) -> None:
    """Write rows kept aside as parquet; the file appears whole or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    rows.write_parquet(beside)
    os.replace(beside, path)


def forget_quarantined(path: str | Path, user: str) -> int:
    """Drop the rows whose reason quotes a user's id, and return how many there were; 0 where no file is."""
    path = Path(path)
    if not path.exists():
        return 0
    rows = pl.read_parquet(path)
    kept = rows.filter(~pl.col("reason").str.contains(repr(user), literal=True))
    if kept.height < rows.height:
        write_quarantine(kept, path)
    return rows.height - kept.height
