"""Items that are described instead of known: as arrays, beside the catalogue or within it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data.cells import parse_column
from motet.errors import RequestError
from motet.features.batch import ItemArrays
from motet.features.columns import Plain
from motet.features.growing import Growth
from motet.features.item_growth import items_placed
from motet.features.pending import Pending
from motet.features.state import FeatureState
from motet.features.tokens import Tokens, no_tokens, tokens_of
from motet.language.encoders import Encoder
from motet.language.reader import tunable
from motet.language.template import item_texts, row_texts
from motet.model.parts import Served
from motet.recommend.port import Asked
from motet.schema import ITEMS as ITEMS_TABLE
from motet.schema import Column


def worded_items(state: FeatureState, items: ItemArrays | None) -> ItemArrays:
    """Return the catalogue; RequestError where it has no words that a query could be compared with."""
    if state.whitening is None or items is None or not items.text.shape[1]:
        raise RequestError(
            "The items of this model have no text, so a query finds none of them.",
            "Ask for a user, or declare a text column of the items table and train anew.",
        )
    return items


def described(
    frame: pl.DataFrame, served: Served, table: Mapping[str, Any], labels: set[str], encoder: Callable[[], Encoder]
) -> ItemArrays:
    """Return arrays of items that only a frame describes, without an empty first row."""
    state = served.state
    assert state.items is not None
    plain = state.items.encode(frame)
    hidden = state.items.encode(frame.drop([name for name in labels if name in frame.columns]))
    empty = np.zeros((frame.height, 0), np.float32)
    text, text_masked = empty, empty
    tokens: Tokens | None = None
    tokens_masked: Tokens | None = None
    if state.whitening is not None and served.items is not None and served.items.text.shape[1]:
        columns = [name for name, c in table["columns"].items() if c["meaning"] in ("text", "category", "tags")]
        full = item_texts(with_columns(frame, columns), columns)
        shown = [name for name in columns if name not in labels]
        part = item_texts(with_columns(frame, shown), shown)
        reads = encoder()
        text, text_masked = (state.whitening.apply(reads.encode(each)) for each in (full, part))
        if served.reads_items:
            tuned = tunable(reads)
            tokens, tokens_masked = (tokens_of(tuned.tokens(each), state.whitening) for each in (full, part))
    count, new = np.zeros(frame.height, np.int32), np.ones(frame.height, bool)
    return ItemArrays(text, text_masked, plain, hidden, count, tokens, tokens_masked, None if tokens is None else new)


def joined(first: ItemArrays, then: ItemArrays) -> ItemArrays:
    """Return the items of both, one after the other."""
    return ItemArrays(
        np.concatenate([first.text, then.text]),
        np.concatenate([first.text_masked, then.text_masked]),
        first.plain.followed_by(then.plain),
        first.plain_masked.followed_by(then.plain_masked),
        np.concatenate([first.count, then.count]),
        *_read_anew(first, then),
    )


def _read_anew(first: ItemArrays, then: ItemArrays) -> tuple[Tokens | None, Tokens | None, NDArray[np.bool_] | None]:
    """The tokens of both, and which came after training: of the catalogue's own no tokens need to be known."""
    if then.tokens is None or then.tokens_masked is None or then.changed is None:
        return None, None, None
    size = len(first.count)
    blank = no_tokens(size, then.tokens.fit)
    tokens = (first.tokens or blank).followed_by(then.tokens)
    masked = (first.tokens_masked or blank).followed_by(then.tokens_masked)
    before = np.zeros(size, bool) if first.changed is None else first.changed
    return tokens, masked, np.concatenate([before, then.changed])


def with_columns(frame: pl.DataFrame | None, columns: Sequence[str]) -> pl.DataFrame:
    """Return the frame with every named column, null where it had none."""
    assert frame is not None
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in columns if name not in frame.columns]
    return frame.with_columns(missing)


def typed(frame: pl.DataFrame | None, table: Mapping[str, Any]) -> pl.DataFrame:
    """Return the columns cast to their meaning's type; what does not fit is unknown."""
    assert frame is not None
    kinds = {"number": pl.Float64, "flag": pl.Boolean}
    casts: list[pl.Expr | pl.Series] = []
    for name, column in table.get("columns", {}).items():
        if name not in frame.columns:
            continue
        if column["meaning"] == "vector":
            casts.append(parse_column(frame[name], Column(meaning="vector")).values.alias(name))
        elif column["meaning"] == "tags":
            if not isinstance(frame.schema[name], pl.List):
                casts.append(pl.col(name).cast(pl.String).str.split(column.get("separator", "|")))
        elif column["meaning"] == "flag" and frame.schema[name] == pl.String:
            casts.append(pl.col(name).str.to_lowercase().is_in(["1", "true", "yes", "y", "t"]).alias(name))
        else:
            casts.append(pl.col(name).cast(kinds.get(column["meaning"], pl.String), strict=False))
    return frame.with_columns(casts)


def kept(known: ItemArrays, rows_n: NDArray[np.int64], new: ItemArrays) -> ItemArrays:
    """Return the new items with the vectors that they had at `rows_n` (index + 1), where none are told anew."""
    plain = _with_vectors(known.plain, rows_n, new.plain)
    return replace(new, plain=plain, plain_masked=_with_vectors(known.plain_masked, rows_n, new.plain_masked))


def grown(known: ItemArrays, rows_n: NDArray[np.int64], new: ItemArrays, *, growth: Growth | None = None) -> ItemArrays:
    """Return the catalogue with n described items at `rows_n` (index + 1), in place of what was there, or at its end.

    How often an item was seen in training stays, and so does a vector that is not told anew; an item behind the
    catalogue was never seen. growth: buffers in which the catalogue grows without being copied, where no model reads
    texts with a language model of its own.
    """
    new = kept(known, rows_n, new)
    if growth is not None and new.tokens is None and known.tokens is None:
        return items_placed(growth, known, rows_n, new)
    size, both = len(known.count), joined(known, new)
    order = np.arange(max(size, int(rows_n.max(initial=0)) + 1))
    order[rows_n] = size + np.arange(len(rows_n))
    count = np.zeros(len(order), known.count.dtype)
    count[:size] = known.count
    plain, masked = _taken(both.plain, order), _taken(both.plain_masked, order)
    anew = (
        None if both.tokens is None else both.tokens.take(order),
        None if both.tokens_masked is None else both.tokens_masked.take(order),
        None if both.changed is None else both.changed[order],
    )
    return ItemArrays(both.text[order], both.text_masked[order], plain, masked, count, *anew)


def words_placed(
    known: Pending | None, places_n: NDArray[np.int32], frame: pl.DataFrame, served: Served
) -> Pending | None:
    """Return the words that views read of items, with those of a frame's rows at places."""
    if known is None:
        return None
    views = {view.name: view for view in served.state.views.values()}
    words = {name: row_texts(with_columns(frame, views[name].text), views[name].text) for name in known.schema}
    return known.placed(places_n, [dict(zip(words, row, strict=True)) for row in zip(*words.values(), strict=True)])


def _with_vectors(known: Plain, rows_n: NDArray[np.int64], new: Plain) -> Plain:
    """The new rows, whose unknown vectors are those known before."""
    if known.vectors_nV is None or new.vectors_nV is None:
        return new
    before = np.flatnonzero(rows_n < len(known))
    old, vectors = known.vectors_nV[rows_n[before]], new.vectors_nV.copy()
    vectors[before] = np.where(vectors[before] != 0, vectors[before], old)
    return replace(new, vectors_nV=vectors)


def _taken(plain: Plain, order: NDArray[np.int64]) -> Plain:
    """The chosen rows, in this order."""
    begin, length = plain.tag_starts[order], np.diff(plain.tag_starts)[order]
    starts = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    where = np.repeat(begin - starts[:-1], length) + np.arange(starts[-1])
    vectors = None if plain.vectors_nV is None else plain.vectors_nV[order]
    return Plain(plain.codes_nC[order], plain.bins_nB[order], plain.tag_ids[where], starts, vectors)


def asked_texts(asked: Asked, served: Served, task: str, words: pl.DataFrame | None) -> Sequence[str]:
    """Return the questions' own texts, those of their frame, or the words that the catalogue knows of the asked items.

    words: the items' words, a column per view, where the model keeps them.
    """
    view = served.state.views[task]
    if asked.texts is not None:
        return asked.texts
    if asked.frame is not None:
        return row_texts(with_columns(asked.frame, view.text), view.text)
    assert asked.items_n is not None and words is not None
    return words[view.name].gather(asked.items_n).to_list()


def asked_items(
    asked: Asked, served: Served, tables: Mapping[str, Any], labels: set[str], encoder: Callable[[], Encoder]
) -> tuple[ItemArrays | None, NDArray[np.int64] | None]:
    """Return the catalogue with items that the questions' frame describes at its end, and the asked rows of it.

    None stands for the catalogue as it is known, and for questions that are not about items.
    """
    if asked.items_n is None:
        return None, None
    item_n = asked.items_n.astype(np.int64) + 1
    unknown = np.flatnonzero(asked.items_n < 0)
    if not len(unknown) or asked.frame is None or served.items is None:
        return None, item_n
    frame = typed(asked.frame, tables[ITEMS_TABLE])[unknown]
    item_n[unknown] = len(served.items.count) + np.arange(len(unknown))
    return joined(served.items, described(frame, served, tables[ITEMS_TABLE], labels, encoder)), item_n
