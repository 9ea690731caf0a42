"""The words that a question shows: of its row, or of its item."""

from __future__ import annotations

import numpy as np
import polars as pl

from motet.data import ID, Division
from motet.features.views import text_columns
from motet.schema import ITEMS
from motet.tasks import Examples

_MARK = "_"


def words_of(examples: Examples, division: Division) -> pl.Series | None:
    """Return one text per example, or None where the view shows no words."""
    task = division.project.tasks[examples.task]
    found = []
    if "text" in examples.sources:
        frame = division.inputs[examples.table].select(text_columns(division.project, task))
        found.append(_joined(frame).gather(examples.row_n))
    elif "item" in examples.sources and examples.item_n is not None:
        hidden = division.project.label_columns(ITEMS) - set(task.inputs) if examples.table == ITEMS else set()
        words = words_of_items(division, hidden=hidden)
        if words is not None:
            found.append(pl.concat([words, pl.Series([None], dtype=pl.String)]).gather(_or_last(examples, len(words))))
    return found[0].fill_null("") if found else None


def words_of_items(division: Division, *, hidden: set[str] | frozenset[str] = frozenset()) -> pl.Series | None:
    """Return, per item of the catalogue, its texts, categories and tags as words; null where nothing is known.

    A category or tag becomes a word of its own, named after its column. Comes from cells that nobody holds out.
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


def _joined(frame: pl.DataFrame) -> pl.Series:
    return frame.select(pl.concat_str(pl.all(), separator="\n", ignore_nulls=True).alias("text"))["text"]


def _or_last(examples: Examples, size: int) -> pl.Series:
    assert examples.item_n is not None, "the view has an item"
    return pl.Series(np.where(examples.item_n < 0, size, examples.item_n))
