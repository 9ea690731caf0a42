"""A frame that grows while others read it: rows wait beside it, and are joined when somebody looks at the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Row = Mapping[str, Any]
LEAST = 256
"""So many rows may wait whatever the size of the frame."""


class Pending:
    """A frame with rows that wait: some in place of rows of the frame, others behind its end.

    Putting a row costs the same whatever the frame's size: the frame is made anew when it is read, or once as many rows
    wait as it has. copied: rows that were written so far, by all that grew from the same frame.
    """

    def __init__(self, base: pl.DataFrame, *, height: int | None = None) -> None:
        self._base, self._height = base, base.height if height is None else height
        self._waiting: list[tuple[int, Row]] = []
        self._where: dict[int, list[int]] = {}
        self._seen = 0
        self._copied = [0]

    def __len__(self) -> int:
        return self._height

    @property
    def copied(self) -> int:
        """Return how many rows were written so far."""
        return self._copied[0]

    @property
    def schema(self) -> pl.Schema:
        """Return the columns' types."""
        return self._base.schema

    def placed(self, places_n: NDArray[np.integer[Any]], rows: Sequence[Row]) -> Pending:
        """Return the frame with n rows at these places; a place behind the end must follow without a gap."""
        other = Pending(self._base, height=max(self._height, int(places_n.max(initial=-1)) + 1))
        other._copied = self._copied
        if "frame" in self.__dict__:  # somebody has looked: what waited is in the frame
            other._base = self.frame
        elif len(self._waiting) == self._seen:
            other._waiting, other._where = self._waiting, self._where  # only ever longer: each knows what is its own
        else:
            other._add(self._waiting[: self._seen])
        other._add(list(zip(places_n.tolist(), rows, strict=True)))
        if other._seen > max(LEAST, other._base.height):
            other._base = other.frame
            other._waiting, other._where, other._seen = [], {}, 0
            del other.__dict__["frame"]
        return other

    def _add(self, rows: Sequence[tuple[int, Row]]) -> None:
        for place, row in rows:
            self._where.setdefault(place, []).append(len(self._waiting))
            self._waiting.append((place, row))
        self._seen = len(self._waiting)
        self._copied[0] += len(rows)

    def row(self, number: int) -> dict[str, Any]:
        """Return one row; nothing is joined for it."""
        waits = next((at for at in reversed(self._where.get(number, ())) if at < self._seen), None)
        if waits is None:
            return self._base.row(number, named=True)
        held = self._waiting[waits][1]
        return {name: held.get(name) for name in self._base.columns}

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The whole, with what waits in its place."""
        latest = dict(self._waiting[: self._seen])  # of a place that is named twice, the last row counts
        if not latest:
            return self._base
        known, places = self._base, np.fromiter(latest, np.int64, len(latest))
        rows = {name: [row.get(name) for row in latest.values()] for name in known.columns}
        order = np.arange(self._height)
        order[places] = known.height + np.arange(len(places))
        self._copied[0] += self._height
        return pl.concat([known, pl.DataFrame(rows, schema=known.schema)])[order]


def followed(known: pl.Series, new: pl.Series) -> pl.Series:
    """Return a column with more rows behind it, without a copy of it: short pieces are joined, as in a binary counter,
    so that a row moves a few times however long the column grows.
    """
    pieces = [*known.get_chunks(), new.cast(known.dtype)]
    while len(pieces) > 1 and len(pieces[-2]) <= len(pieces[-1]):
        last = pl.concat(pieces[-2:], rechunk=True)
        pieces[-2:] = [last]
    return pl.concat(pieces, rechunk=False).alias(known.name)
