"""The door to torchjd, which turns Gramians into weights (Quinton & Rey 2024, arXiv:2406.16232). Comes with an extra.

torchjd's own quadratic programs are solved by libraries under the GPL (quadprog, ecos). Motet installs neither: UPGrad
gets a projector made of SciPy's non-negative least squares, and Nash-MTL stands in a file of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from motet.errors import MissingExtra
from motet.schema import BalanceConfig
from motet.train.balance._gramian import GramianBalancer


def torchjd_weighting(kind: str, **options: Any) -> Any:
    """Return torchjd's weighting of that class name, a callable from (K, K) to (K,); MissingExtra without it."""
    try:
        from torchjd import aggregation

        return getattr(aggregation, kind)(**options)
    except ImportError:
        raise MissingExtra("torchjd", "balance") from None


def dual_cone_projector() -> Any:
    """Return a torchjd projector that needs SciPy alone."""
    try:
        from torchjd.linalg import DualConeProjector
    except ImportError:
        raise MissingExtra("torchjd", "balance") from None

    class LeastSquaresProjector(DualConeProjector):  # type: ignore[misc, unused-ignore]
        def __call__(self, U: Tensor, G: Tensor) -> Tensor:
            root = square_root(G.detach().cpu().double().numpy())
            rows = U.detach().cpu().double().numpy().reshape(-1, len(root))
            found = np.stack([project(row, root) for row in rows]).reshape(tuple(U.shape))
            return torch.as_tensor(found, device=U.device, dtype=U.dtype)

    return LeastSquaresProjector()


def square_root(gramian_KK: np.ndarray) -> np.ndarray:
    """Return R (K, K) with R'R = G; what numbers below zero rounding left in G's spectrum count as zero."""
    values, vectors = np.linalg.eigh(gramian_KK)
    return np.sqrt(np.clip(values, 0.0, None))[:, None] * vectors.T


def project(wanted_K: np.ndarray, root_KK: np.ndarray) -> np.ndarray:
    """Return v ≥ wanted that makes |R·v| smallest: the weights of the projection onto the dual cone."""
    from scipy.optimize import nnls

    more, _ = nnls(root_KK, -root_KK @ wanted_K)
    return wanted_K + more


class TorchjdBalancer(GramianBalancer):
    """A balancer that hands the Gramian to one of torchjd's weightings.

    scale: what torchjd's weights are multiplied by, per task, so that a task alone keeps its gradient.
    """

    weighting: ClassVar[str]

    def __init__(self, constants: Any, weights: Any, config: BalanceConfig) -> None:
        super().__init__(constants, weights, config)
        self._weighting = torchjd_weighting(self.weighting, **self.options(config))

    def options(self, config: BalanceConfig) -> dict[str, Any]:
        """Return what the weighting is made with."""
        return {}

    def scale(self, count: int) -> float:
        """Return the factor for `count` tasks."""
        return 1.0

    def solve(self, gramian_KK: Tensor, tasks: Sequence[str]) -> Tensor:
        """Return torchjd's weights, scaled."""
        found: Tensor = self.scale(len(tasks)) * self._weighting(gramian_KK)
        return found
