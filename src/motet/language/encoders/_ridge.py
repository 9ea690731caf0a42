"""Ridge regression of many numbers at once on sparse counts, drawn towards a first guess.

n = texts, V = units, K = numbers per text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

ROUNDS = 25
ENOUGH = 1e-3
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0)
FEW_COLUMNS = 48
"""So many of the targets choose the penalty."""

Matrix = NDArray[np.float32]


def ridge(counts_nV: sp.csr_matrix, wanted_nK: Matrix, start_VK: Matrix, *, penalty: float) -> Matrix:
    """Return the (V, K) that minimise |counts·W − wanted|² + penalty·|W − start|².

    Conjugate gradients on the normal equations, all K columns in one product: SciPy's take them one after the other.
    """
    back_Vn = sp.csr_matrix(counts_nV.T)
    moved_VK = np.zeros_like(start_VK)
    rest_VK = back_Vn @ (wanted_nK - counts_nV @ start_VK)
    step_VK, size_K = rest_VK.copy(), (rest_VK**2).sum(0)
    first_K = size_K.copy()
    for _ in range(ROUNDS):
        if not (size_K > ENOUGH**2 * first_K).any():
            break
        turned_VK = back_Vn @ (counts_nV @ step_VK) + penalty * step_VK
        length_K = _share(size_K, (step_VK * turned_VK).sum(0))
        moved_VK += length_K * step_VK
        rest_VK -= length_K * turned_VK
        before_K, size_K = size_K, (rest_VK**2).sum(0)
        step_VK = rest_VK + _share(size_K, before_K) * step_VK
    return start_VK + moved_VK


def best_penalty(
    counts_nV: sp.csr_matrix, wanted_nK: Matrix, start_VK: Matrix, *, penalties: Sequence[float] = PENALTIES
) -> float:
    """Return the penalty with the smallest error on every tenth text, learned from the others."""
    held = np.arange(len(wanted_nK)) % 10 == 9
    if held.sum() < 3:
        return penalties[len(penalties) // 2]
    few = slice(0, FEW_COLUMNS)
    learn, asked = counts_nV[~held], counts_nV[held]
    first = start_VK[:, few]

    def error(penalty: float) -> float:
        found = ridge(learn, wanted_nK[~held, few], first, penalty=penalty)
        return float(((asked @ found - wanted_nK[held, few]) ** 2).sum())

    return min(penalties, key=error)


def _share(part: Matrix, whole: Matrix) -> Matrix:
    found: Matrix = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return found
