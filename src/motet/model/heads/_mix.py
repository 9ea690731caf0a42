"""A ranking's memory as a mixture: the network's probability of an item, and what counting says, side by side.

    P(j) = (p_j + φ·f_j + ρ·c_j + ω·o_j) / Z,    Z = 1 + Σ_j (φ·f_j + ρ·c_j + ω·o_j)

p is the softmax over the catalogue, f the decayed share of training events in which j followed the last items, c its
likeness to them (see features.memory), o its share of the user's own past, where items may return. All but p are
sparse, so Z is known without a pass over the catalogue, and an item that nothing recalls keeps the network's order.
A linear mixture of a neural and a memory-based predictor, with weights fitted on held-out data, is the continuous cache
of Grave et al. (2017, arXiv:1612.04426).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn

from motet.features.memory import DECAY, SHRINK, Recall
from motet.model.trunk.past import Past


@dataclass(frozen=True)
class Gate:
    """How far each part of the mixture is believed, beside the network, which weighs 1.

    follows: φ. resembles: ρ. own: ω. decay, shrink: of the shares (see features.memory.Memory.shares).
    """

    follows: float = 0.0
    resembles: float = 0.0
    own: float = 0.0
    decay: float = DECAY
    shrink: float = SHRINK

    @property
    def shut(self) -> bool:
        """Whether the network answers alone."""
        return not (self.follows or self.resembles or self.own)


@dataclass(frozen=True)
class Parts:
    """What a mixture adds for n questions, (n, I) each: shares of what followed, cosines, shares of the own past."""

    follows: sparse.csr_array
    resembles: sparse.csr_array
    own: sparse.csr_array

    def mixed(self, gate: Gate) -> sparse.csr_array:
        """Return φ·f + ρ·c + ω·o, every pair once."""
        return gate.follows * self.follows + gate.resembles * self.resembles + gate.own * self.own


class MemoryMix(nn.Module):
    """Mixes what is recalled into log-probabilities. Shut at first: a model learns without it."""

    gate: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("gate", torch.zeros(len(astuple(Gate()))))
        self.set(Gate())

    def set(self, gate: Gate) -> None:
        """Believe the parts so far."""
        with torch.no_grad():
            self.gate.copy_(torch.tensor(astuple(gate)))

    def get(self) -> Gate:
        """Return how far the parts are believed."""
        return Gate(*self.gate.tolist())

    @torch.no_grad()
    def forward(self, scores_nI: Tensor, recall: Recall, past: Past | None) -> Tensor:
        """Return log-probabilities (n, I) of the mixture of a network's scores and what is recalled."""
        gate = self.get()
        log_nI = scores_nI.float().log_softmax(dim=1)
        if gate.shut:
            return log_nI
        extra = parts_of(recall, past, scores_nI.shape[1], gate).mixed(gate)
        row_p = torch.from_numpy(np.repeat(np.arange(extra.shape[0]), np.diff(extra.indptr)))
        item_p, value_p = (torch.from_numpy(each) for each in (extra.indices.astype(np.int64), extra.data))
        row_p, item_p, value_p = (each.to(log_nI.device) for each in (row_p, item_p, value_p.float()))
        mass_n = torch.ones(len(log_nI), device=log_nI.device).index_add_(0, row_p, value_p).log_()
        log_nI -= mass_n[:, None]
        log_nI[row_p, item_p] = torch.logaddexp(log_nI[row_p, item_p], value_p.log() - mass_n[row_p])
        return log_nI


def parts_of(recall: Recall, past: Past | None, num_items: int, gate: Gate) -> Parts:
    """Return the parts of a mixture for n questions, with a gate's decay and shrinkage.

    num_items: of the catalogue that is ranked; items that came after training follow nothing.
    """
    follows, resembles = recall.shares(decay=gate.decay, shrink=gate.shrink)
    n = follows.shape[0]
    for each in (follows, resembles):
        each.resize((n, num_items))
    return Parts(follows, resembles, _own(past, n, num_items))


def _own(past: Past | None, n: int, num_items: int) -> sparse.csr_array:
    if past is None:
        return sparse.csr_array((n, num_items), dtype=np.float32)
    row_p, item_p, count_p = (each.cpu().numpy() for each in (past.row_p, past.item_p - 1, past.count_p))
    share_p = (count_p / np.bincount(row_p, count_p, minlength=n)[row_p]).astype(np.float32)
    return sparse.coo_array((share_p, (row_p, item_p)), shape=(n, num_items)).tocsr()
