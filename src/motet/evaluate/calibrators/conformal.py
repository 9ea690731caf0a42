"""Split conformal intervals: how far truths lay from predictions (Papadopoulos et al. 2002; Lei et al. 2018)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def offsets(error_n: NDArray[np.floating], *, level: float) -> tuple[float, float] | None:
    """Return the ends of an interval around a prediction, from truth − prediction of n other questions.

    Half of what may lie outside may lie on either side, which is shorter than ± one distance where errors lean to one
    side. For questions that are exchangeable with the n, at least `level` of the truths lie inside, whatever the model.
    None where n is too small for the level: each tail needs (n + 1) · (1 − level) / 2 ≥ 1.
    """
    error = np.sort(np.asarray(error_n, np.float64)[np.isfinite(error_n)])
    place = math.floor((len(error) + 1) * (1.0 - level) / 2.0 + 1e-9)
    return (float(error[place - 1]), float(error[len(error) - place])) if place >= 1 else None
