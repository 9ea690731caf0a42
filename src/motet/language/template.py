"""One string per row, from the columns that describe it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from motet.language.clean import head_and_tail, readable

ITEM_CHARACTERS = 1_000
ROW_CHARACTERS = 20_000


def item_texts(frame: pl.DataFrame, columns: Sequence[str], *, limit: int = ITEM_CHARACTERS) -> list[str]:
    """Return `title | brand | category, category` for every row, from text, category and tags columns.

    columns: in the order of the string; nulls are skipped, and a row without any value gives an empty string.
    limit: characters kept of a column; longer ones keep their beginning and end.
    """
    return _joined(frame, columns, separator=" | ", limit=limit)


def row_texts(frame: pl.DataFrame, columns: Sequence[str], *, limit: int = ROW_CHARACTERS) -> list[str]:
    """Return `title. review` for every row; nulls are skipped, and a row without any text gives an empty string.

    limit: characters kept of a column; longer ones keep their beginning and end.
    """
    return _joined(frame, columns, separator=". ", limit=limit)


def _joined(frame: pl.DataFrame, columns: Sequence[str], *, separator: str, limit: int) -> list[str]:
    if not columns or frame.is_empty():
        return [""] * frame.height
    by_column = [_strings(frame[name], limit) for name in columns]
    return [separator.join(part for part in parts if part) for parts in zip(*by_column, strict=True)]


def _strings(column: pl.Series, limit: int) -> list[str]:
    """Return one readable string per row; each distinct value is cleaned once."""
    if isinstance(column.dtype, pl.List | pl.Array):
        lists = column.to_list()
        known = {tag: readable(str(tag)) for tags in lists if tags for tag in tags if tag is not None}
        joined = [", ".join(known[tag] for tag in tags or () if tag is not None and known[tag]) for tags in lists]
        return [head_and_tail(text, limit) for text in joined]
    cleaned: dict[str | None, str] = {None: ""}
    result = []
    for value in column.cast(pl.String).to_list():
        if value not in cleaned:
            cleaned[value] = head_and_tail(readable(value), limit)
        result.append(cleaned[value])
    return result
