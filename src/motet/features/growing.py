"""Arrays of a catalogue that grows while others read it: buffers that double, so that a row costs the same in a
catalogue of a hundred items and of a million.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Kind = TypeVar("Kind", bound=np.generic)
LEAST = 16
"""Rows that a buffer has at least."""


@dataclass
class _Buffer:
    """rows: with room behind what is shown. shown: the view that was handed out last, from row 0 on."""

    rows: NDArray[Any]
    shown: NDArray[Any]


@dataclass
class Growth:
    """Buffers by name. copied: rows that were written so far, those that moved to a larger buffer included.

    Only the view that was handed out last grows where it is. Any other array, also an earlier view, is copied first, so
    that two catalogues which grew from the same one do not write into each other. What is put in place of a known row
    is seen by whoever still reads the view before: a list under way is then as if it were asked a moment later.
    """

    copied: int = 0
    _buffers: dict[str, _Buffer] = field(default_factory=dict)

    def place(
        self, name: str, known: NDArray[Kind], rows_n: NDArray[np.integer[Any]], new: NDArray[Any]
    ) -> NDArray[Kind]:
        """Return the known rows with n new ones at `rows_n`: in place of those there, or behind the end, without a gap.

        A gap would hold zeros.
        """
        size = max(len(known), int(rows_n.max(initial=-1)) + 1)
        rows = self._with_room(name, known, size)
        rows[rows_n] = new
        self.copied += len(rows_n)
        return self._show(name, rows, size)

    def follow(self, name: str, known: NDArray[Kind], new: NDArray[Any]) -> NDArray[Kind]:
        """Return the known rows with new ones behind them."""
        return self.place(name, known, len(known) + np.arange(len(new)), new)

    def _with_room(self, name: str, known: NDArray[Kind], size: int) -> NDArray[Kind]:
        held = self._buffers.get(name)
        if held is not None and _same(held.shown, known) and len(held.rows) >= size:
            return held.rows
        rows = np.zeros((max(LEAST, 2 * size), *known.shape[1:]), known.dtype)
        rows[: len(known)] = known
        self.copied += len(known)
        return rows

    def _show(self, name: str, rows: NDArray[Kind], size: int) -> NDArray[Kind]:
        shown = rows[:size]
        self._buffers[name] = _Buffer(rows, shown)
        return shown


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two views show the same rows of the same buffer."""
    same = one.shape == other.shape and one.dtype == other.dtype
    return same and (not one.size or one.__array_interface__["data"][0] == other.__array_interface__["data"][0])
