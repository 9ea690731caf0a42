"""Moments in every common form, as Int64: an order as it stands, or milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from motet.data.tables import TimeUnit

_DAY_FIRST = (
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
    "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y",
)  # fmt: skip
_MONTH_FIRST = (
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y",
    "%m-%d-%Y %H:%M:%S", "%m-%d-%Y",
)  # fmt: skip
_NAMED = (
    "%m %d, %Y",
    "%B %d, %Y %I:%M:%S %p", "%B %d, %Y %I:%M %p", "%B %d, %Y %H:%M:%S", "%B %d, %Y %H:%M", "%B %d, %Y",
    "%d %B %Y %H:%M:%S", "%d %B %Y %H:%M", "%d %B %Y", "%d-%b-%Y %H:%M:%S", "%d-%b-%Y", "%B %d %Y",
    "%a, %d %b %Y %H:%M:%S %z", "%a %b %d %H:%M:%S %z %Y", "%a %b %d %H:%M:%S %Y",
    "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日",
)  # fmt: skip
_ISO = (
    "%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M%z",
    "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d",
)  # fmt: skip


def _short(forms: tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms with a year of two digits; among dashes alone such a year could stand at either end."""
    return tuple(form.replace("%Y", "%y") for form in forms if not form.startswith(("%d-%m-", "%m-%d-")))


_DAYS, _MONTHS = (*_DAY_FIRST, *_short(_DAY_FIRST)), (*_MONTH_FIRST, *_short(_MONTH_FIRST))
_FORMS = (*_ISO, *_NAMED, *_short(_NAMED), *_MONTHS, *_DAYS)
_EARLIEST = -30_610_224_000_000
"""The year 1000: a year of two digits that was read as one of four lies before it."""
_SECONDS, _MILLI, _MICRO, _NANO = 10**8, 10**11, 10**14, 10**17
_SAMPLE = 100_000
_FAR = 253_402_300_800_000


def parse_times(cells: pl.Series) -> tuple[pl.Series, TimeUnit]:
    """Return (moments as Int64, what they count); a cell that is no moment is null.

    cells: tidy strings, numbers, dates or datetimes. Whole numbers are read by the size of their median: below 10⁸ an
    order (or dates, if all are like 20180617), then seconds, milliseconds, microseconds, nanoseconds since 1970.
    """
    dtype = cells.dtype
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        return cells.cast(pl.Datetime("ms")).cast(pl.Int64), "ms"
    if dtype.is_numeric():
        return _from_numbers(cells)
    if dtype == pl.String:
        return _from_strings(cells)
    return pl.Series(cells.name, [None] * cells.len(), pl.Int64), "none"


def _from_numbers(cells: pl.Series) -> tuple[pl.Series, TimeUnit]:
    if cells.dtype.is_integer():
        whole = cells.cast(pl.Int64, strict=False)
    else:
        finite = cells.cast(pl.Float64).is_finite().fill_null(False)
        numbers = cells.cast(pl.Float64).set(~finite, None)
        if not _SECONDS <= (typical_size(numbers) or 0) < _MILLI:
            numbers = numbers.set((numbers != numbers.floor()).fill_null(False), None)
            return _scaled(numbers.cast(pl.Int64, strict=False))
        return (numbers * 1000).round().cast(pl.Int64, strict=False), "ms"
    return _scaled(whole)


def typical_size(numbers: pl.Series) -> float | None:
    """Return the median of the sizes, of evenly spaced rows where there are many; None without any number."""
    size = numbers.gather_every(max(1, numbers.len() // _SAMPLE)).abs().median()
    size = numbers.abs().median() if size is None else size
    return float(size) if isinstance(size, int | float) else None


def _scaled(whole: pl.Series) -> tuple[pl.Series, TimeUnit]:
    size = typical_size(whole)
    if size is None:
        return whole, "order"
    if size < _SECONDS:
        days = _from_compact(whole)
        return (whole, "order") if days is None else (days, "ms")
    if size < _MILLI:
        fits = (whole.abs() < _FAR // 1000).fill_null(False)
        return whole.set(~fits, None) * 1000, "ms"
    if size < _MICRO:
        return whole, "ms"
    return whole // (1000 if size < _NANO else 1_000_000), "ms"


def _from_compact(whole: pl.Series) -> pl.Series | None:
    """Return dates written like 20180617 as milliseconds, or None where any number is no such date."""
    known = whole.drop_nulls()
    if not known.len() or known.min() < 19000101 or known.max() > 21001231:  # type: ignore[operator]
        return None
    days = whole.cast(pl.String).str.strptime(pl.Date, "%Y%m%d", strict=False)
    return days.cast(pl.Datetime("ms")).cast(pl.Int64) if days.null_count() == whole.null_count() else None


def _from_strings(cells: pl.Series) -> tuple[pl.Series, TimeUnit]:
    sample = cells.drop_nulls().head(1000)
    numeric = sample.cast(pl.Float64, strict=False)
    if sample.len() and numeric.null_count() <= sample.len() // 2:
        whole = cells.cast(pl.Int64, strict=False)
        if whole.null_count() == cells.null_count() or whole.null_count() < cells.len() // 2:
            return _from_numbers(whole)
        return _from_numbers(cells.cast(pl.Float64, strict=False))
    return _from_dates(cells), "ms"


def _from_dates(cells: pl.Series) -> pl.Series:
    """Return milliseconds; the form that most of the open cells have is read first, until no form fits any more."""
    name = cells.name
    text = cells.str.replace(r"[Zz]$| ?(UTC|GMT)$", "+0000").str.replace(
        r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})", "$1-$2-$3"
    )
    text = text.str.replace(r"^(\d{4}-\d{1,2}-\d{1,2}) +(\d)", "${1}T$2").str.replace(r"(T[\d:.]+) +([+-])", "$1$2")
    values = pl.Series(name, [None], pl.Int64).new_from_index(0, cells.len())
    forms = list(_FORMS)
    while forms:
        open_cells = text.filter(values.is_null() & text.is_not_null())
        if not open_cells.len():
            break
        sample = open_cells.unique(maintain_order=True).head(2000)
        hits = {form: sample.len() - _read(sample, form).null_count() for form in forms}
        best = max(forms, key=hits.__getitem__)
        if not hits[best]:
            break
        values = values.zip_with(values.is_not_null(), _read(text, best))
        forms = [form for form in forms if form != best and not _rivals(form, best)]
    return values


def _rivals(one: str, other: str) -> bool:
    """Tell whether two forms differ in whether the day or the month comes first: a column has one habit."""
    return _within(one, _DAYS, _MONTHS, other) or _within(one, _MONTHS, _DAYS, other)


def _within(one: str, ours: Iterable[str], theirs: Iterable[str], other: str) -> bool:
    return one in ours and other in theirs and one[2] == other[2]


def _read(text: pl.Series, form: str) -> pl.Series:
    try:
        found = text.str.strptime(pl.Datetime("ms"), form, strict=False).cast(pl.Int64)
        return found.set((found < _EARLIEST).fill_null(False), None)
    except pl.exceptions.PolarsError:
        return pl.Series(text.name, [None], pl.Int64).new_from_index(0, text.len())
