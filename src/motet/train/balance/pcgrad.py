"""PCGrad: of two conflicting gradients each loses the part against the other (Yu et al. 2020, arXiv:2001.06782)."""

from __future__ import annotations

from motet.train.balance._protocol import BALANCERS
from motet.train.balance._torchjd import TorchjdBalancer


@BALANCERS.register("pcgrad")
class PcGrad(TorchjdBalancer):
    """Gradients without conflict keep a share of 1. The order of the projections is drawn from torch's stream."""

    weighting = "PCGradWeighting"
