"""Numbers as people write them: with currency signs, thousands separators, decimal commas and blanks."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

_SIGNS = r"(?i)[\s\u00a0\u202f'’%$€£¥₹₽₩₺₫฿元円]|(?:USD|EUR|GBP|CNY|RMB|JPY|INR|CAD|AUD|CHF|Rs\.?)"
_DECIMAL_COMMA = r"^[+-]?(\d{1,3}(\.\d{3})+,\d+|\d+,\d{1,2})$"
_GROUPED = r"^[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d*)?$"


def parse_numbers(cells: pl.Series, unknown: Collection[str]) -> pl.Series:
    """Return finite Float64; null where nothing, or nothing understandable, is written.

    cells: tidy strings or any other type. unknown: lower-case words that stand for null.
    """
    dtype = cells.dtype
    if dtype.is_numeric() or dtype == pl.Boolean or dtype == pl.Null:
        values = cells.cast(pl.Float64)
    elif dtype == pl.String:
        values = _from_strings(cells, unknown)
    else:
        return pl.Series(cells.name, [None] * cells.len(), pl.Float64)
    if not dtype.is_integer():
        values = values.set(~values.is_finite().fill_null(True), None)
    return values


def _from_strings(cells: pl.Series, unknown: Collection[str]) -> pl.Series:
    values = cells.cast(pl.Float64, strict=False)
    if values.null_count() == cells.null_count():
        return values
    open_cells = values.is_null() & cells.is_not_null() & ~cells.str.to_lowercase().is_in(list(unknown))
    if not open_cells.any():
        return values
    name = cells.name
    bare = pl.col(name).str.replace_all(_SIGNS, "")
    plain = (
        pl.when(bare.str.contains(_DECIMAL_COMMA))
        .then(bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .when(bare.str.contains(_GROUPED))
        .then(bare.str.replace_all(",", "", literal=True))
        .otherwise(bare)
    )
    # Only what still holds a currency's letters or other words fails this cast.
    rescued = cells.set(~open_cells, None).to_frame().select(plain.cast(pl.Float64, strict=False)).to_series()
    return values.zip_with(~open_cells, rescued)
