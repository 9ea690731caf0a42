"""Looking at a catalogue: its columns, finding items by words, a map of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.recommend import Catalogue

VALUES = 100
"""Values of a column that are told."""
POINTS = 5_000


def columns_of(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Return column → its kind, its commonest values, or its lowest and highest number."""
    return {column.name: _column(column) for column in frame.iter_columns()}


def found(catalogue: Catalogue, words: str, *, skip: int, take: int) -> tuple[NDArray[np.int64], int]:
    """Return the places of items whose title or id holds every word, popular ones first, and how many there are."""
    kept = np.ones(len(catalogue), np.bool_)
    ids = catalogue.ids.str.to_lowercase()
    titles = None if catalogue.titles is None else catalogue.titles.fill_null("").str.to_lowercase()
    for word in words.lower().split()[:10]:
        held = ids.str.contains(word, literal=True)
        if titles is not None:
            held = held | titles.str.contains(word, literal=True)
        kept &= held.fill_null(False).to_numpy()
    places = np.flatnonzero(kept)
    order = np.argsort(-catalogue.popularity_I[places], kind="stable")
    return places[order][skip : skip + take], len(places)


def item_of(catalogue: Catalogue, number: int) -> dict[str, Any]:
    """Return what the catalogue knows of an item, as JSON."""
    row = catalogue.attributes.row(number, named=True) if catalogue.attributes.width else {}
    return {
        "id": str(catalogue.ids[number]),
        "title": catalogue.title(number),
        "attributes": {name: _plain(value) for name, value in row.items()},
        "events": int(catalogue.popularity_I[number]),
        "available": bool(catalogue.available_I[number]),
    }


def plane(vectors_IW: NDArray[np.float32], *, most: int = POINTS) -> tuple[NDArray[np.int64], NDArray[np.float64], Any]:
    """Return the places of a regular sample of items, their points (n, 2), and the share of spread of each direction.

    The directions are the first two principal components of the sample; signs are fixed so that equal vectors give
    equal pictures.
    """
    count = len(vectors_IW)
    places = np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)
    chosen = np.nan_to_num(vectors_IW[places].astype(np.float64))
    centred = chosen - chosen.mean(0) if len(chosen) else chosen.reshape(0, 1)
    if not len(chosen) or not centred.any():
        return places, np.zeros((len(places), 2)), [0.0, 0.0]
    spread, directions = np.linalg.eigh(centred.T @ centred)
    chosen_2 = directions[:, ::-1][:, :2]
    signs = np.sign(chosen_2[np.abs(chosen_2).argmax(0), np.arange(chosen_2.shape[1])])
    points = centred @ (chosen_2 * np.where(signs == 0, 1, signs))
    points = np.pad(points, ((0, 0), (0, 2 - points.shape[1])))
    share = np.clip(spread[::-1][:2], 0, None) / max(float(spread.clip(0).sum()), 1e-30)
    return places, points, [*share.tolist(), 0.0][:2]


def labels_of(catalogue: Catalogue, column: str, places: Sequence[int]) -> list[str | None]:
    """Return the value of a category, flag or tags column (of tags, the first one) at each place."""
    values = catalogue.attributes[column].gather(list(places))
    if isinstance(values.dtype, pl.List):
        values = values.list.first()
    return [None if value is None else str(value) for value in values.to_list()]


def _column(column: pl.Series) -> dict[str, Any]:
    if column.dtype.is_numeric():
        known = column.drop_nulls().drop_nans() if column.dtype.is_float() else column.drop_nulls()
        ends = (float(known.min()), float(known.max())) if len(known) else (None, None)  # type: ignore[arg-type]
        return {"kind": "number", "low": ends[0], "high": ends[1]}
    if column.dtype == pl.Boolean:
        return {"kind": "flag", "values": ["true", "false"], "distinct": 2}
    tags = isinstance(column.dtype, pl.List)
    flat = (column.explode() if tags else column).drop_nulls().cast(pl.String)
    counts = flat.alias("value").value_counts(sort=True)
    values = counts["value"].head(VALUES).to_list()
    return {"kind": "tags" if tags else "category", "values": values, "distinct": len(counts)}


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
