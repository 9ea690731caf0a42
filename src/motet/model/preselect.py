"""Preselection in half precision, which finds exactly what full precision finds.

The product of a user's state with every item is bound by memory, so that bf16 halves it. What rounding may have done to
a score is bounded: |z · (v − v')| ≤ |z| |v − v'|, and half a unit in the last place of the result. Every item that may
be among the best under that bound is scored again in fp32; these are a few more than are wanted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from motet.features.growing import Growth
from motet.model.heads._softmax import has_fast_bf16

OUT, INNER = 2.0**-8, 2.0**-15
"""Shares above what rounding does: to a result, of itself; to the second half of a state and to sums, of |z| |v|."""


@dataclass(frozen=True)
class Table:
    """I items as a ranking sees them, without a row of nothing.

    low_Id: in bf16, or None where that is not faster. lost: the largest |v − v'| of an item. longest: the largest |v|.
    """

    vectors_Id: Tensor
    low_Id: Tensor | None
    lost: float
    longest: float

    @classmethod
    def of(cls, vectors_Id: Tensor, *, low: bool | None = None) -> Table:
        """Return a table. low: whether to use bf16, by default where it is faster, and on a processor."""
        if not (has_fast_bf16() and vectors_Id.device.type == "cpu" if low is None else low):
            return cls(vectors_Id, None, 0.0, 0.0)
        return cls(vectors_Id, *_lowered(vectors_Id))

    def grown(self, growth: Growth, name: str, vectors_Id: Tensor, places_n: NDArray[np.int64]) -> Table:
        """Return the table of a catalogue in which items were put at these places."""
        if self.low_Id is None:
            return Table(vectors_Id, None, 0.0, 0.0)
        low, lost, longest = _lowered(vectors_Id[torch.from_numpy(places_n)])
        bits = growth.place(name, _bits(self.low_Id), places_n, _bits(low))
        held = torch.from_numpy(bits).view(torch.bfloat16)
        return Table(vectors_Id, held, max(self.lost, lost), max(self.longest, longest))

    def scores(self, z_nd: Tensor, bias_I: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return scores (n, I), and how far each may be from the true one; None where they are in full precision."""
        if self.low_Id is None:
            return torch.addmm(bias_I, z_nd, self.vectors_Id.t()), None
        high = z_nd.bfloat16()
        both = (torch.cat([high, (z_nd - high.float()).bfloat16()]) @ self.low_Id.t()).float()
        first, second = both[: len(z_nd)], both[len(z_nd) :]
        length = z_nd.norm(dim=1, keepdim=True)
        slack = first.abs().mul_(OUT).add_(length * (self.lost + INNER * self.longest) + 1e-6)
        return second.add_(first).add_(bias_I), slack

    def exact(self, z_d: Tensor, bias_I: Tensor, items_m: Tensor) -> Tensor:
        """Return the scores of some items for one user in fp32, (m,)."""
        return self.vectors_Id[items_m] @ z_d + bias_I[items_m]


def may_lead(score_I: Tensor, slack_I: Tensor | None, allowed_I: Tensor, num: int) -> Tensor:
    """Return the allowed items that may be among the `num` best ones, rising; with a slack, more than these."""
    shown = score_I.masked_fill(~allowed_I, -torch.inf)
    if int(allowed_I.sum()) <= num:
        return torch.nonzero(allowed_I)[:, 0]
    best = torch.topk(shown, num, sorted=False)
    if slack_I is None:
        return torch.nonzero(shown >= best.values.min())[:, 0]
    return torch.nonzero(shown + slack_I >= (best.values - slack_I[best.indices]).min())[:, 0]


def _lowered(vectors_Id: Tensor) -> tuple[Tensor, float, float]:
    low = vectors_Id.bfloat16()
    if not len(low):
        return low, 0.0, 0.0
    lost = max(float((part - part.bfloat16().float()).norm(dim=1).max()) for part in vectors_Id.split(65_536))
    return low, lost, float(vectors_Id.norm(dim=1).max())


def _bits(low: Tensor) -> NDArray[np.int16]:
    return low.contiguous().view(torch.int16).numpy()
