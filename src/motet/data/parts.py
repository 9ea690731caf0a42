"""What one source gives before any cell is understood: its cells as they stand, and the lines that are broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

LinesOf = Callable[[NDArray[np.int64]], NDArray[np.int64]]
"""Turns 0-based record numbers of a file into its 1-based lines."""


@dataclass(frozen=True)
class Broken:
    """A record that could not be read at all. record: its 0-based number. line: 1-based."""

    record: int
    line: int
    reason: str
    column: str = ""


@dataclass(frozen=True)
class Part:
    """The records of one file or frame.

    frame: the wanted columns under their own names, uncast. total: how many records there are, broken ones included.
    records: the 0-based number of each row of `frame`, or None where nothing is broken.
    """

    file: str
    frame: pl.DataFrame
    total: int
    broken: tuple[Broken, ...] = ()
    records: NDArray[np.int64] | None = None
    lines_of: LinesOf = field(default=lambda records: records + 1)
