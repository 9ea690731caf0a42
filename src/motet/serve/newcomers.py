"""Items that were put since training: into the catalogue and the model, at once."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.errors import MotetError
from motet.recommend import Catalogue, Loaded
from motet.recommend.grown import GrownCatalogue, growing, put
from motet.schema import ITEMS
from motet.serve.failures import log_bug
from motet.serve.fitted import KINDS, fitted, row_of
from motet.store import Item

_log = logging.getLogger("motet.serve")


@dataclass(frozen=True)
class ItemColumns:
    """The items table's columns by meaning; none where the model knows items by their events only."""

    meaning: Mapping[str, str]

    @classmethod
    def of(cls, project: Mapping[str, Any]) -> ItemColumns:
        """Return the columns that a project declares for its items."""
        table = project.get("tables", {}).get(ITEMS, {})
        return cls({name: column["meaning"] for name, column in table.get("columns", {}).items()})

    @property
    def texts(self) -> list[str]:
        """Text columns; the first one is what an item's `text` means."""
        return [name for name, meaning in self.meaning.items() if meaning == "text"]

    def describe(self, item: Item) -> dict[str, Any]:
        """Return the columns that an item tells."""
        told = {
            n: fitted(item.attributes[n], KINDS.get(m, pl.String()))
            for n, m in self.meaning.items()
            if n in item.attributes
        }
        if item.text is not None and self.texts:
            told[self.texts[0]] = item.text
        return {name: value for name, value in told.items() if value is not None}


def grow(loaded: Loaded, items: Sequence[Item], columns: ItemColumns) -> Loaded:
    """Return what is served with these items as they were put.

    A new item is described to the model by its text and attributes. An item that training knew is described anew when
    its text is sent; without it, only what filters and lists read of it changes. Without a table of items, new items
    cannot be described and are left out.
    """
    known, size = loaded.catalogue.index, len(loaded.catalogue)
    fresh = [item for item in items if item.id not in known] if columns.meaning else []
    kept = [item for item in items if item.id in known] + fresh
    if not kept:
        return loaded
    numbers = {item.id: size + place for place, item in enumerate(fresh)}
    places_n = np.array([numbers.get(item.id, known.get(item.id, -1)) for item in kept], np.int32)
    told = [{**_known(loaded.catalogue, known.get(item.id), columns), **columns.describe(item)} for item in kept]
    scorer = _scorer(loaded, kept, places_n, told, columns)  # first: where it fails, the catalogue stays as it is
    return replace(loaded, catalogue=_catalogue(loaded.catalogue, kept, places_n, told, columns), scorer=scorer)


def grow_past(loaded: Loaded, items: Sequence[Item], columns: ItemColumns) -> Loaded:
    """Return what is served with these items, save for those that the model cannot take, which are logged.

    Of an item that training knew at least this counts: whether it may be on lists.
    """
    try:
        return grow(loaded, items, columns)
    except Exception as error:
        if len(items) > 1:
            half = len(items) // 2
            return grow_past(grow_past(loaded, items[:half], columns), items[half:], columns)
        if isinstance(error, MotetError):
            _log.error("item", extra={"fields": {"seq": items[0].seq, "reason": error.message}})
        else:
            log_bug(error)
    item = items[0]
    if item.id not in loaded.catalogue.index or not (item.attributes or item.text):
        return loaded
    return grow_past(loaded, [replace(item, attributes={}, text=None)], columns)


def _scorer(
    loaded: Loaded, items: Sequence[Item], places_n: NDArray[np.int32], told: Sequence[dict[str, Any]], c: ItemColumns
) -> Any:
    size = len(loaded.catalogue)
    new = [
        place
        for place, item in enumerate(items)
        if places_n[place] >= size or any(name in c.describe(item) for name in c.texts)
    ]
    if not new or not c.meaning:
        return loaded.scorer
    frame = pl.DataFrame(
        {name: [told[place].get(name) for place in new] for name in c.meaning},
        schema={name: KINDS.get(meaning, pl.String()) for name, meaning in c.meaning.items()},
    )
    return loaded.scorer.with_items(places_n[new], frame)


def _known(catalogue: Catalogue, number: int | None, columns: ItemColumns) -> dict[str, Any]:
    """What the catalogue knows of an item."""
    if number is None:
        return {}
    if isinstance(catalogue, GrownCatalogue):
        row, title = catalogue.told(number)
    else:
        row = catalogue.attributes.row(number, named=True) if catalogue.attributes.width else {}
        title = None if catalogue.titles is None else catalogue.titles[number]
    if columns.texts and title is not None:
        row[columns.texts[0]] = title
    return {name: value for name, value in row.items() if value is not None}


def _catalogue(
    known: Catalogue, items: Sequence[Item], places_n: NDArray[np.int32], told: Sequence[dict[str, Any]], c: ItemColumns
) -> Catalogue:
    start = growing(known)
    return put(
        start,
        places_n,
        [item.id for item in items],
        rows=[row_of(each, start.schema) for each in told],
        titles=[each.get(c.texts[0]) if c.texts else None for each in told],
        available=[item.available and not item.withdrawn for item in items],
    )
