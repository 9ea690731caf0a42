"""The validation questions that settings are chosen on: those of half A, as for our own model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.data.hashing import halves
from motet.schema import VALID
from motet.tasks import Examples


def choosing(examples: Examples, *, most: int | None = None) -> NDArray[np.int64]:
    """Return the positions of validation half A, or of all of validation where that half is empty.

    most: thin them evenly to about so many.
    """
    valid = np.flatnonzero(examples.part_n == VALID)
    own = valid[halves(examples.unit.gather(valid)) == 0] if len(valid) else valid
    own = own if len(own) else valid
    return own if most is None else own[:: 1 + len(own) // (most + 1)]
