"""Whom questions belong to, by name: what judges count as one source of chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.data import Division
from motet.tasks._protocol import Examples


def units_of(
    examples: Examples, division: Division, at: NDArray[np.int64]
) -> tuple[NDArray[np.str_], NDArray[np.str_] | None]:
    """Return the unit of the questions at these positions, and of pairs of users the second one (None elsewhere)."""
    unit_n = examples.unit.gather(at).to_numpy().astype(str)
    if examples.other_n is None:
        return unit_n, None
    assert division.events is not None, "pairs of users need events"
    return unit_n, division.events.users.gather(examples.other_n[at]).to_numpy().astype(str)
