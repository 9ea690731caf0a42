"""What is said of the catalogue's items, as words: their texts, and a word for every category and tag."""

from __future__ import annotations

import polars as pl

from motet.data import ID, Division
from motet.schema import ITEMS

_MARK = "_"


def words_of_items(division: Division, *, hidden: set[str] | frozenset[str] = frozenset()) -> pl.Series | None:
    """Return, per item of the catalogue, its texts, categories and tags as words; null where nothing is known.

    A category or tag becomes a word of its own, named after its column. Comes from cells that nobody holds out.
    None where no table describes the items.
    """
    if division.events is None or ITEMS not in division.inputs or ID not in division.inputs[ITEMS].columns:
        return None
    spec, frame = division.project.tables[ITEMS], division.inputs[ITEMS]
    columns = [pl.col(name) for name in spec.of("text") if name not in hidden]
    columns += [_word(name, pl.col(name)) for name in spec.of("category") if name not in hidden]
    columns += [
        pl.col(name).list.eval(_word(name, pl.element())).list.join(" ")
        for name in spec.of("tags")
        if name not in hidden
    ]
    if not columns:
        return None
    words = frame.select(
        pl.col(ID).alias("id"), pl.concat_str(columns, separator=" ", ignore_nulls=True).alias("words")
    )
    words = words.unique("id", keep="first", maintain_order=True)
    ids = pl.DataFrame({"id": division.events.items})
    return ids.join(words, on="id", how="left", maintain_order="left")["words"].replace("", None)


def _word(column: str, value: pl.Expr) -> pl.Expr:
    """A value as one word: `brand` and `Estée Lauder` become `brand_Estée_Lauder`."""
    return pl.concat_str(pl.lit(column + _MARK), value).str.replace_all(r"\W+", _MARK)
