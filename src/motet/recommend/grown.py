"""A catalogue in which items were put since training, without a copy of it for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.features.growing import Growth
from motet.features.pending import Pending, followed
from motet.recommend.catalogue import TITLE, Catalogue


class Numbers(Mapping[str, int]):
    """Item id → its number, for the first `size` items of a mapping that grows."""

    def __init__(self, shared: dict[str, int], size: int) -> None:
        self.shared, self._size = shared, size

    def __getitem__(self, item: str) -> int:
        number = self.shared[item]
        if number >= self._size:
            raise KeyError(item)
        return number

    def get(self, item: str, default: Any = None) -> Any:
        """Return an item's number, or the default for one that is not there yet."""
        number = self.shared.get(item, -1)
        return number if 0 <= number < self._size else default

    def __contains__(self, item: object) -> bool:
        return 0 <= self.shared.get(item, -1) < self._size  # type: ignore[call-overload]

    def __iter__(self) -> Iterator[str]:
        return iter([item for item, number in list(self.shared.items()) if number < self._size])

    def __len__(self) -> int:
        return self._size


class GrownCatalogue(Catalogue):
    """A catalogue that was grown from another one; attributes and titles are joined when they are read as a whole.

    Made by `put` only. copied: rows that were written so far.
    """

    def __init__(
        self, ids: pl.Series, rows: Pending, titles: Pending | None, growth: Growth, index: dict[str, int]
    ) -> None:
        told: dict[str, Any] = {"ids": ids, "_rows": rows, "_titles": titles, "_growth": growth}
        self.__dict__.update(told, index=Numbers(index, len(ids)))

    @property
    def copied(self) -> int:
        """How many rows were written since the catalogue was opened."""
        return sum(each.copied for each in (self._growth, self._rows, self._titles) if each is not None)

    @property
    def schema(self) -> Mapping[str, Any]:
        """Attribute → how it is held."""
        return self._rows.schema

    @cached_property
    def attributes(self) -> pl.DataFrame:
        """As of any catalogue."""
        return self._rows.frame

    @cached_property
    def titles(self) -> pl.Series | None:
        """As of any catalogue."""
        return None if self._titles is None else self._titles.frame[TITLE]

    def title(self, number: int) -> str:
        """Return what a reader would call an item."""
        title = None if self._titles is None else self._titles.row(number)[TITLE]
        return str(self.ids[number]) if title is None else str(title)

    def told(self, number: int) -> tuple[dict[str, Any], str | None]:
        """Return an item's attributes and title."""
        return self._rows.row(number), None if self._titles is None else self._titles.row(number)[TITLE]

    _rows: Pending
    _titles: Pending | None
    _growth: Growth


def growing(catalogue: Catalogue) -> GrownCatalogue:
    """Return the catalogue as one that grows; itself, if it is one."""
    if isinstance(catalogue, GrownCatalogue):
        return catalogue
    titles = None if catalogue.titles is None else Pending(catalogue.titles.alias(TITLE).to_frame())
    rows = Pending(catalogue.attributes)
    found = GrownCatalogue(catalogue.ids, rows, titles, Growth(), dict(catalogue.index))
    found.__dict__.update(popularity_I=catalogue.popularity_I, available_I=catalogue.available_I)
    return found


def put(
    known: GrownCatalogue,
    places_n: NDArray[np.int32],
    ids: Sequence[str],
    *,
    rows: Sequence[Mapping[str, Any]],
    titles: Sequence[str | None],
    available: Sequence[bool],
) -> GrownCatalogue:
    """Return the catalogue with n items at these places: below its size those that it knows, and others behind its end
    in the order of their places.

    What it costs grows with n, not with the catalogue, which is copied once in a while when it has grown by half.
    """
    size, growth = len(known), known._growth
    behind = sorted((int(place), id) for place, id in zip(places_n, ids, strict=True) if place >= size)
    shared = known.index.shared if isinstance(known.index, Numbers) else dict(known.index)
    if len(shared) > size:  # another catalogue has grown from this one already
        shared = dict(known.index)
    shared |= {id: place for place, id in behind}
    new = [id for _, id in behind]
    all_ids = followed(known.ids, pl.Series(known.ids.name, new, dtype=known.ids.dtype)) if new else known.ids
    held = None if known._titles is None else known._titles.placed(places_n, [{TITLE: each} for each in titles])
    attributes = known._rows.placed(places_n, rows) if known._rows.schema else known._rows
    found = GrownCatalogue(all_ids, attributes, held, growth, shared)
    popularity_I = growth.follow("popularity", known.popularity_I, np.zeros(len(new), np.int64))
    available_I = growth.place("available", known.available_I, places_n, np.array(available, np.bool_))
    found.__dict__.update(popularity_I=popularity_I, available_I=available_I)
    return found
