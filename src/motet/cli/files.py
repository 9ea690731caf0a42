"""Files that commands read questions from and write answers to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motet.cli.answer import plain, write_line
from motet.errors import DataError, RequestError

if TYPE_CHECKING:
    import polars as pl

FORMATS = (".parquet", ".csv", ".jsonl")
TABLES = (".csv", ".tsv", ".parquet", ".pq", ".jsonl", ".ndjson", ".json", ".gz")
NAMED = 5
"""Broken lines that are named one by one."""


def read_rows(path: Path) -> pl.DataFrame:
    """Return all cells of a csv, parquet or jsonl file as they stand; see `read_numbered` for broken lines."""
    return read_numbered(path)[0]


def read_numbered(path: Path) -> tuple[pl.DataFrame, list[int] | None]:
    """Return the sound rows of a csv, parquet or jsonl file, and their numbers from 1 where others are left out.

    Standard error names the broken lines; DataError where no line is sound.
    """
    from motet.data.files import resolve
    from motet.data.formats import read_part

    part = read_part(resolve(str(path), Path("."))[0])
    if not part.broken:
        return part.frame, None
    first = part.broken[0]
    if not part.frame.height:
        raise DataError(f"'{path}', line {first.line}: {first.reason}.", "Mend or remove the line.")
    for broken in part.broken[:NAMED]:
        write_line(f"warning: '{path}', line {broken.line} is left out: {broken.reason}", error=True)
    if len(part.broken) > NAMED:
        write_line(f"warning: '{path}': {len(part.broken) - NAMED:,} more broken lines are left out", error=True)
    assert part.records is not None, "a part with broken records numbers the others"
    return part.frame, [record + 1 for record in part.records.tolist()]


def read_ids(path: Path) -> list[str]:
    """Return ids: the first column of a table, or the lines of any other file. Blank ones are left out."""
    from motet.data.cells import parse_key

    if path.is_file() and not any(suffix.lower() in TABLES for suffix in path.suffixes):
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise DataError(f"'{path}' is no text file.", "Give one id per line, or a csv or parquet file.") from None
        ids = [line.strip() for line in lines if line.strip()]
    else:
        frame = read_rows(path)
        ids = parse_key(frame.to_series(0)).values.drop_nulls().to_list() if frame.width else []
    if not ids:
        raise DataError(f"'{path}' holds no ids.", "Give one id per line, or a csv or parquet file.")
    return ids


def check_out(path: Path) -> None:
    """Raise RequestError for a file of a kind that is not written, before any work is done."""
    if path.suffix.lower() not in FORMATS:
        raise RequestError(f"'{path.name}' is of no known kind.", f"End its name in one of {', '.join(FORMATS)}.")


def write_rows(rows: pl.DataFrame, path: Path, records: Iterable[Mapping[str, Any]] | None = None) -> None:
    """Write rows as parquet, csv or jsonl by the name's ending; the file appears whole or not at all.

    records: what stands in a jsonl file, one object per line, instead of the rows.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        _whole(path, lambda beside: rows.write_parquet(beside))
    elif suffix == ".csv":
        _whole(path, lambda beside: _flat(rows).write_csv(beside))
    else:
        lines = rows.iter_rows(named=True) if records is None else records
        _whole(path, lambda beside: _write_lines(beside, lines))


def _flat(rows: pl.DataFrame) -> pl.DataFrame:
    """Lists as one string each, which is what a csv cell can hold."""
    import polars as pl

    lists = [name for name, dtype in rows.schema.items() if isinstance(dtype, pl.List)]
    return rows.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join("|") for name in lists)


def _write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace") as stream:
        for line in lines:
            stream.write(json.dumps(plain(line), ensure_ascii=False, allow_nan=False) + "\n")


def _whole(path: Path, write: Callable[[Path], Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.part")
    try:
        write(beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def chunks(values: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    """Return slices of at most `size` values, in order."""
    return (values[start : start + size] for start in range(0, len(values), size))
