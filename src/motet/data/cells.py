"""Cells by their meaning: what each column's cells are worth, and which of them cannot be understood.

A cell is bad where something is written in it that its meaning does not allow; an empty cell is merely unknown.
"""

from __future__ import annotations

import ast
import html
import json
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from motet.data.numbers import parse_numbers
from motet.data.times import TimeUnit, parse_times
from motet.schema import Column

BLANKS = " \t\r\n\x0b\x0c\u00a0\u1680\u2002\u2003\u2009\u200b\u3000\ufeff"
"""What is stripped from both ends of a string: blanks of every width, and byte-order marks."""

UNKNOWN = frozenset({"na", "n/a", "null", "none", "\\n"})
"""Words that mean "unknown" where a number, a flag or a time is expected."""

_YES = ("1", "true", "yes", "y", "t", "1.0")
_NO = ("0", "false", "no", "n", "f", "0.0")


@dataclass(frozen=True)
class Cells:
    """values: typed, null where unknown. bad: true where a written cell is not understood, or None if none is."""

    values: pl.Series
    bad: pl.Series | None = None
    reason: str = ""
    unit: TimeUnit = "none"


def parse_column(cells: pl.Series, column: Column) -> Cells:
    """Return the cells of a declared column, typed by its meaning (types as in `Table`)."""
    if column.meaning == "number":
        values = parse_numbers(_plain(cells, pl.Float64), UNKNOWN)
        return _with_bad(cells, values, "not a number", UNKNOWN)
    if column.meaning == "flag":
        return _with_bad(cells, _flags(cells), "not a yes or no", UNKNOWN)
    if column.meaning == "time":
        return parse_time(cells)
    if column.meaning == "tags":
        return _with_bad(cells, _tags(cells, column.separator), "not text", soft=True)
    if column.meaning == "vector":
        return _vectors(cells)
    if column.meaning == "id":
        return parse_key(cells)
    return _with_bad(cells, unescape(strings(cells)), "not text", soft=True)


def parse_key(cells: pl.Series) -> Cells:
    """Return keys as strings: whole numbers lose their '.0', whatever type the file gave them."""
    values = strings(cells)
    if cells.dtype == pl.String:
        first = values.drop_nulls().head(1)
        if first.len() and first[0].endswith(".0") and values.drop_nulls().str.contains(r"^-?\d+\.0$").all():
            values = values.str.strip_suffix(".0")
    return _with_bad(cells, values, "not text", soft=True)


def parse_time(cells: pl.Series) -> Cells:
    """Return moments as Int64 and what they count."""
    values, unit = parse_times(_plain(cells, pl.Int64))
    found = _with_bad(cells, values, "not a time", UNKNOWN)
    return Cells(found.values, found.bad, found.reason, unit)


def tidy(cells: pl.Series) -> pl.Series:
    """Return strings stripped and empty ones as null; other types as they are."""
    if cells.dtype in (pl.Categorical, pl.Enum):
        cells = cells.cast(pl.String)
    if cells.dtype == pl.Binary:
        texts = [_decoded(cell) if cell is not None else None for cell in cells.to_list()]
        cells = pl.Series(cells.name, texts, pl.String)
    if cells.dtype != pl.String:
        return cells
    name = cells.name
    stripped = cells.str.strip_chars()
    if stripped.str.len_bytes().sum() != stripped.str.len_chars().sum():
        stripped = stripped.str.strip_chars(BLANKS)
    return stripped.to_frame().select(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)).to_series()


def _decoded(cell: bytes) -> str | None:
    try:
        return cell.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _plain(cells: pl.Series, dtype: type[pl.DataType]) -> pl.Series:
    """Return the cells cast where each is a plain number (the usual case, and the quick one), tidied otherwise."""
    if cells.dtype == pl.String:
        cast = cells.cast(dtype, strict=False)
        if cast.null_count() == cells.null_count():
            return cast
    return tidy(cells)


def strings(cells: pl.Series) -> pl.Series:
    """Return any cells as tidy strings: whole numbers without '.0', lists joined by a space."""
    dtype = cells.dtype
    if isinstance(dtype, pl.List | pl.Array):
        return tidy(_string_lists(cells).list.join(" "))
    if dtype == pl.Null:
        return cells.cast(pl.String)
    if isinstance(dtype, pl.Struct):
        return cells.struct.json_encode()
    if dtype.is_float():
        whole = cells.is_finite() & (cells == cells.floor()) & (cells.abs() < 2**53)
        exact = cells.set(~whole.fill_null(False), None).cast(pl.Int64).cast(pl.String)
        return exact.zip_with(whole.fill_null(False), cells.fill_nan(None).cast(pl.String))
    if dtype == pl.String:
        return _joined_lists(tidy(cells))
    if dtype == pl.Boolean:
        return cells.cast(pl.String)
    if dtype in (pl.Binary, pl.Categorical, pl.Enum):
        return tidy(cells)
    plain = dtype in (pl.String, pl.Boolean, pl.Date, pl.Time) or dtype.is_numeric() or isinstance(dtype, pl.Datetime)
    return cells.cast(pl.String, strict=False) if plain else _spelled(cells)


def _spelled(cells: pl.Series) -> pl.Series:
    """Return cells of a rare type as Python spells them."""
    return pl.Series(cells.name, [None if cell is None else str(cell) for cell in cells.to_list()], pl.String)


def _string_lists(cells: pl.Series) -> pl.Series:
    """Return lists, however nested, as flat lists of stripped strings without nulls or empty ones."""
    if isinstance(cells.dtype, pl.Array):
        cells = cells.arr.to_list()
    while isinstance(cells.dtype, pl.List) and isinstance(cells.dtype.inner, pl.List):
        cells = cells.list.eval(pl.element().explode())
    inner = cells.dtype.inner if isinstance(cells.dtype, pl.List) else pl.String()
    if not (inner in (pl.String, pl.Boolean, pl.Date, pl.Null) or inner.is_numeric()):
        spelled = [
            None if cell is None else [str(part) for part in cell if part is not None] for cell in cells.to_list()
        ]
        cells = pl.Series(cells.name, spelled, pl.List(pl.String))
    word = pl.element().cast(pl.String).str.strip_chars(BLANKS)
    return cells.list.eval(word.filter(word != "")).cast(pl.List(pl.String))


def unescape(cells: pl.Series) -> pl.Series:
    """Return strings with their HTML entities resolved."""
    if not cells.str.contains("&", literal=True).any():
        return cells
    escaped = cells.str.contains(r"&(#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);").fill_null(False)
    return tidy(_mapped(cells, escaped, html.unescape))


def _mapped(cells: pl.Series, chosen: pl.Series, change: Callable[[str], str]) -> pl.Series:
    """Return the cells with `change` applied to the distinct chosen ones."""
    if not chosen.any():
        return cells
    distinct = cells.filter(chosen).unique().to_list()
    changed = cells.set(~chosen, None).replace(distinct, [change(text) for text in distinct])
    return changed.zip_with(chosen, cells)


def _joined_lists(cells: pl.Series) -> pl.Series:
    """Return strings in which a JSON list of words is joined by blanks; other strings that begin with [ stay."""
    listed = (cells.str.starts_with('["') | (cells == "[]")).fill_null(False)
    if not listed.any():
        return cells
    return tidy(_mapped(cells, listed, lambda text: " ".join(_listed(text) or ([] if text == "[]" else [text]))))


def _listed(text: str) -> list[str] | None:
    """Return the members of a list written as JSON or Python, or None."""
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, list | tuple):
            members = (member if isinstance(member, list | tuple) else [member] for member in found)
            return [str(word) for member in members for word in member if word is not None]
    return None


def _flags(cells: pl.Series) -> pl.Series:
    if cells.dtype == pl.Boolean:
        return cells
    if cells.dtype.is_numeric():
        whole = cells.cast(pl.Float64)
        return (whole == 1).set(~((whole == 0) | (whole == 1)).fill_null(False), None)
    if cells.dtype not in (pl.String, pl.Categorical, pl.Enum, pl.Binary):
        return pl.Series(cells.name, [None] * cells.len(), pl.Boolean)
    lower = tidy(cells).str.to_lowercase()
    return lower.replace_strict([*_YES, *_NO], [True] * len(_YES) + [False] * len(_NO), default=None).cast(pl.Boolean)


def _tags(cells: pl.Series, separator: str) -> pl.Series:
    """Return lists of distinct tags; a cell without any is null."""
    if isinstance(cells.dtype, pl.List | pl.Array):
        lists = _string_lists(cells)
    else:
        whole = unescape(tidy(cells) if cells.dtype == pl.String else strings(cells))
        lists = whole.str.split(separator)
        written = (whole.str.starts_with("[") & whole.str.ends_with("]")).fill_null(False)
        if written.any():
            lists = _written_lists(whole, written, lists)
    word = pl.element().str.strip_chars(BLANKS)
    clean = lists.list.eval(word.filter(word != "").unique(maintain_order=True))
    if clean.explode().str.contains("&", literal=True).any():
        clean = _unescaped_tags(clean)
    return clean.set((clean.list.len() == 0).fill_null(False), None)


def _written_lists(whole: pl.Series, written: pl.Series, lists: pl.Series) -> pl.Series:
    texts = whole.filter(written).unique().to_list()
    found = {text: _listed(text) for text in texts}
    members = [found.get(text) if text is not None else None for text in whole.set(~written, None).to_list()]
    parsed = pl.Series(lists.name, members, pl.List(pl.String))
    return parsed.zip_with(parsed.is_not_null(), lists)


def _unescaped_tags(lists: pl.Series) -> pl.Series:
    flat = lists.explode(empty_as_null=True)
    words = unescape(flat)
    row = pl.Series("row", range(lists.len()), pl.UInt32)
    frame = pl.DataFrame({"row": row, "tags": lists}).explode("tags", empty_as_null=True).with_columns(tags=words)
    joined = (
        frame.filter(pl.col("tags").is_not_null())
        .group_by("row", maintain_order=True)
        .agg(pl.col("tags").unique(maintain_order=True))
    )
    return row.to_frame().join(joined, on="row", how="left", maintain_order="left")["tags"].alias(lists.name)


def _vectors(cells: pl.Series) -> Cells:
    """Return lists of finite numbers, all of the commonest length."""
    if isinstance(cells.dtype, pl.Array):
        cells = cells.arr.to_list()
    if cells.dtype == pl.String:
        inner = tidy(cells).str.strip_chars("[]()").str.replace_all(r"[\s,;|]+", " ").str.strip_chars(" ")
        values = inner.str.split(" ").list.eval(pl.element().cast(pl.Float64, strict=False))
    elif isinstance(cells.dtype, pl.List) and cells.dtype.inner.is_numeric():
        values = cells.cast(pl.List(pl.Float64))
    else:
        values = pl.Series(cells.name, [None] * cells.len(), pl.List(pl.Float64))
    sizes = values.list.len()
    usual = sizes.drop_nulls().mode()
    finite = values.list.eval(pl.element().is_finite().fill_null(False)).list.all()
    sound = (finite & (sizes == (usual.max() if usual.len() else 0))).fill_null(False)
    return _with_bad(cells, values.set(~sound, None), "not a vector of the usual length")


def _with_bad(
    cells: pl.Series, values: pl.Series, reason: str, unknown: frozenset[str] = frozenset(), *, soft: bool = False
) -> Cells:
    """Return the values, and where a written cell came to nothing.

    soft: an empty result of readable text or of a list is unknown, not bad (tags of only blanks, lists of nothing).
    """
    values = values.alias(cells.name)
    if values.null_count() == cells.null_count() or (soft and cells.dtype != pl.Binary):
        return Cells(values)
    bad = values.is_null() & cells.is_not_null()
    if cells.dtype == pl.String:
        written = tidy(cells)
        bad &= written.is_not_null()
        if unknown:
            bad &= ~written.str.to_lowercase().is_in(list(unknown)).fill_null(False)
    return Cells(values, bad, reason) if bad.any() else Cells(values)
