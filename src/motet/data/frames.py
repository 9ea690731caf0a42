"""Rows that are in memory already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from motet.data.files import missing_column
from motet.data.parts import Part
from motet.errors import DataError


def to_polars(frame: Any) -> pl.DataFrame:
    """Return any data frame (polars, pandas, Arrow, whatever narwhals knows, a mapping of lists) as polars.

    NaN in pandas means missing and becomes null.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    try:
        if hasattr(frame, "__arrow_c_stream__") or isinstance(frame, dict | list):
            return _without_nan(pl.DataFrame(frame), frame)
        import narwhals

        native = narwhals.from_native(frame, eager_or_interchange_only=False)
        if isinstance(native, narwhals.LazyFrame):
            native = native.collect()
        return _without_nan(native.to_polars(), frame)
    except (TypeError, ValueError, pl.exceptions.PolarsError, ImportError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise DataError(
            f"A table is of type {type(frame).__name__}, which is no data frame: {reason}.",
            "Pass a polars, pandas or Arrow table, or a file path in {'path': …}.",
        ) from None


def _without_nan(frame: pl.DataFrame, source: Any) -> pl.DataFrame:
    if not type(source).__module__.startswith("pandas"):
        return frame
    floats = [name for name, dtype in frame.schema.items() if dtype.is_float()]
    return frame.with_columns(pl.col(floats).fill_nan(None)) if floats else frame


def read_frame(frame: Any, wanted: Sequence[str] | None, name: str) -> Part:
    """Return the wanted columns of a frame in memory; its rows count from 1."""
    rows = to_polars(frame)
    for column in wanted or ():
        if column not in rows.columns:
            raise missing_column(column, f"table '{name}'", rows.columns)
    rows = rows if wanted is None else rows.select(list(wanted))
    return Part("(in memory)", rows, rows.height)
