"""The arrays of items, grown in place: what `Growth` does for one array, for all that describe a catalogue."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.features.batch import ItemArrays
from motet.features.columns import Plain
from motet.features.growing import Growth

Rows = NDArray[np.int64]


def items_placed(growth: Growth, known: ItemArrays, rows_n: Rows, new: ItemArrays) -> ItemArrays:
    """Return the catalogue with n described items at `rows_n` (index + 1), in place of what was there, or at its end.

    How often an item was seen in training stays; one behind the catalogue was never seen. Items without tokens only.
    """
    assert known.tokens is None and new.tokens is None, "tokens are read anew as a whole"
    return ItemArrays(
        growth.place("text", known.text, rows_n, new.text),
        growth.place("text_masked", known.text_masked, rows_n, new.text_masked),
        plain_placed(growth, "plain", known.plain, rows_n, new.plain),
        plain_placed(growth, "plain_masked", known.plain_masked, rows_n, new.plain_masked),
        counts_placed(growth, "count", known.count, rows_n),
    )


def counts_placed(growth: Growth, name: str, known: NDArray[Any], rows_n: Rows) -> NDArray[Any]:
    """Return the counts with zeros for the rows behind the end."""
    return growth.place(name, known, rows_n[rows_n >= len(known)], np.zeros(1, known.dtype))


def plain_placed(growth: Growth, name: str, known: Plain, rows_n: Rows, new: Plain) -> Plain:
    """Return the encoded rows with n others at `rows_n`.

    A known row with another number of tags than before moves all tags behind it, which costs as much as the catalogue
    has tags; everything else costs the n rows.
    """
    vectors = known.vectors_nV
    if vectors is not None and new.vectors_nV is not None:
        vectors = growth.place(f"{name}/vectors", vectors, rows_n, new.vectors_nV)
    codes = growth.place(f"{name}/codes", known.codes_nC, rows_n, new.codes_nC)
    bins = growth.place(f"{name}/bins", known.bins_nB, rows_n, new.bins_nB)
    return Plain(codes, bins, *_tags_placed(growth, name, known, rows_n, new), vectors)


def _tags_placed(growth: Growth, name: str, known: Plain, rows_n: Rows, new: Plain) -> tuple[NDArray[Any], Rows]:
    size, length = len(known), np.diff(new.tag_starts)
    inside = np.flatnonzero(rows_n < size)
    behind = np.flatnonzero(rows_n >= size)
    behind = behind[np.argsort(rows_n[behind], kind="stable")]
    ids, starts = known.tag_ids, known.tag_starts
    at = rows_n[inside]
    if len(inside) and (length[inside] == starts[at + 1] - starts[at]).all():
        where, values = _spans(starts[at], length[inside]), new.tag_ids[_spans(new.tag_starts[inside], length[inside])]
        ids = growth.place(f"{name}/tags", ids, where, values)
    elif len(inside):
        ids, starts = _moved(known, at, new, inside)
        growth.copied += size
    more = new.tag_ids[_spans(new.tag_starts[behind], length[behind])]
    return (
        growth.follow(f"{name}/tags", ids, more),
        growth.follow(f"{name}/starts", starts, starts[-1] + np.cumsum(length[behind])),
    )


def _moved(known: Plain, at: Rows, new: Plain, inside: Rows) -> tuple[NDArray[Any], Rows]:
    """The tags and their offsets, with other tags in some rows."""
    both = np.concatenate([known.tag_ids, new.tag_ids.astype(known.tag_ids.dtype)])
    begin, length = known.tag_starts[:-1].copy(), np.diff(known.tag_starts)
    begin[at] = len(known.tag_ids) + new.tag_starts[inside]
    length[at] = np.diff(new.tag_starts)[inside]
    return both[_spans(begin, length)], np.concatenate([[0], np.cumsum(length)]).astype(np.int64)


def _spans(begin: Rows, length: Rows) -> Rows:
    """The numbers begin … begin + length − 1 of every span, one span after the other."""
    starts = np.cumsum(length) - length
    return np.repeat(begin - starts, length) + np.arange(int(length.sum()))
