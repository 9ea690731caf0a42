"""What a ranking adds to the scores of items that the memory recalls."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.features.memory import RESEMBLES, Recall
from motet.model.heads._softmax import Extra

START = (0.5, 1.0)
"""What is believed of the two kinds at first: of logarithms of shares, and of cosines."""


class MemoryOffset(nn.Module):
    """β · log(1 + follows / ε) + γ · resembles, with learned β, γ ≥ 0.

    A product of powers: the softmax of the sum is the model's probability times the memory's, each to its weight. The
    constant floor of all items that nothing recalls drops out of the softmax.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust = nn.Parameter(torch.tensor(START).expm1().log())  # softplus takes it back

    def weights(self) -> Tensor:
        """Return (β, γ)."""
        return F.softplus(self.trust)

    def forward(self, recall: Recall) -> Extra:
        """Return what is added to the scores of the recalled pairs."""
        found, place = recall.pairs(), self.trust.device
        row_p, item_p, kind_p, value_p = (
            torch.from_numpy(each).to(place) for each in (found.row_p, found.item_p, found.kind_p, found.value_p)
        )
        follows, resembles = self.weights()
        return Extra(row_p, item_p, torch.where(kind_p == RESEMBLES, resembles, follows) * value_p)
