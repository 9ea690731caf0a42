"""One file in, one part out, whatever its format."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from motet.data.delimited import read_delimited
from motet.data.files import MissingColumnError, format_of, load, missing_column
from motet.data.jsonlines import read_json_lines
from motet.data.parts import Part
from motet.errors import DataError


def read_part(path: Path, wanted: Sequence[str] | None = None) -> Part:
    """Return the wanted columns of a file (all of them if None), uncast.

    Raises DataError where the file is missing, empty, damaged, of unknown format, or lacks a wanted column.
    """
    kind = format_of(path)
    if kind == "delimited":
        return read_delimited(load(path), wanted)
    if kind == "json lines":
        return read_json_lines(load(path), wanted)
    return _read_parquet(path, wanted)


def read_parts(paths: Sequence[Path], wanted: Sequence[str], *, optional: Collection[str] = ()) -> list[Part]:
    """Return the wanted columns of several files.

    optional: columns that some of the files may lack, if not all do; their cells are unknown there, with a warning.
    """
    found: list[Part] = []
    first: dict[str, tuple[MissingColumnError, Path]] = {}
    for path in paths:
        columns = list(wanted)
        while True:
            try:
                part = read_part(path, columns)
                break
            except MissingColumnError as error:
                if error.column not in optional or len(columns) == 1:
                    raise
                first.setdefault(error.column, (error, path))
                columns.remove(error.column)
        found.append(part)
    for column, (missing, path) in first.items():
        dtypes = [part.frame[column].dtype for part in found if column in part.frame.columns]
        if not dtypes:
            raise missing
        lacking = sum(column not in part.frame.columns for part in found)
        others = f" and {lacking - 1} more" if lacking > 1 else ""
        warnings.warn(f"Column '{column}' is missing in '{path.name}'{others}, and unknown there.", stacklevel=2)
        found = [_with_unknown(part, column, dtypes[0]) for part in found]
    return [replace(part, frame=part.frame.select(list(wanted))) for part in found]


def _with_unknown(part: Part, column: str, dtype: pl.DataType) -> Part:
    if column in part.frame.columns:
        return part
    return replace(part, frame=part.frame.with_columns(pl.lit(None, dtype).alias(column)))


def _read_parquet(path: Path, wanted: Sequence[str] | None) -> Part:
    source: Path | bytes = path
    if path.stat().st_size == 0:
        raise DataError(f"'{path.name}' is empty.", "Expected a parquet file.")
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    if packed:
        source = load(path).data.tobytes()
    try:
        lazy = pl.scan_parquet(source, glob=False)
        found = lazy.collect_schema().names()
        for column in wanted or ():
            if column not in found:
                raise missing_column(column, f"'{path.name}'", found)
        frame = lazy.select(list(found if wanted is None else wanted)).collect(engine="streaming")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).splitlines()[0][:200]
        raise DataError(f"'{path.name}' is no sound parquet file: {reason}.", "Write or fetch it again.") from None
    return Part(path.name, frame, frame.height)
