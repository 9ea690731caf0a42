"""Attention (MTAN): shared features at two depths, and soft masks per task (Liu et al. 2019, arXiv:1803.10704)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.model.sharing._base import SharedTrunk
from motet.model.sharing._behind import behind, by_share
from motet.model.sharing._layers import ResidualLayer, logit, standardise
from motet.model.sharing._protocol import SHARING

START = 0.95
"""How much of every feature a mask lets through at the start."""
NAMES = ["let through", "held back"]
"""What a mask does with the features, as it is recorded."""


class Mask(nn.Module):
    """σ(B · SiLU(A · x)) in (0, 1) per feature, the same for all at the start."""

    def __init__(self, reads: int, width: int) -> None:
        super().__init__()
        self.enter, self.leave = nn.Linear(reads, width), nn.Linear(width, width)
        nn.init.zeros_(self.leave.weight)
        nn.init.constant_(self.leave.bias, logit(START))

    def forward(self, *x_nd: Tensor) -> Tensor:
        """Return the mask, (n, width), of everything it looks at."""
        seen = torch.cat([standardise(each) for each in x_nd], dim=1)
        return torch.sigmoid(self.leave(F.silu(self.enter(seen))))


class Masks(nn.Module):
    """A task's masks: the second also looks at what the first let through."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = Mask(width, width), Mask(2 * width, width)

    def forward(self, first_nd: Tensor, second_nd: Tensor) -> Tensor:
        """Return the mask on the second depth, (n, width)."""
        return self.second(second_nd, self.first(first_nd) * first_nd)


@SHARING.register("attention")
class Attention(SharedTrunk):
    """y_k = m_k2 ⊙ p_2, with p_1, p_2 the shared features and m_k2 = mask([p_2, m_k1 ⊙ p_1]).

    The shared depths are two residual layers upon the trunk's representation, used by the tasks of all views; masks are
    private. Masks read standardised features where the paper has batch normalisation.
    """

    def __init__(self, shape: ModelShape) -> None:
        super().__init__(shape)
        self.first, self.second = ResidualLayer(shape.width), ResidualLayer(shape.width)
        for task in shape.tasks:
            self.private[module_name(task)] = Masks(shape.width)

    def adapt(self, tasks: Sequence[str], z_nd: Tensor) -> dict[str, Tensor]:
        """Return the masked features, (n, d) per task; the shared depths are passed once for all of them."""
        found: dict[str, Tensor] = {}
        for share, members in by_share(self.valves, tasks).items():
            first_nd = behind(self.first, share)(z_nd)
            second_nd = behind(self.second, share)(first_nd)
            for task in members:
                mask_nd = self.private[module_name(task)](first_nd, second_nd)
                found[task] = mask_nd * second_nd
                if self.training:
                    passed_n1 = mask_nd.detach().mean(1, keepdim=True)
                    self.record_gate(task, NAMES, torch.cat([passed_n1, 1 - passed_n1], dim=1))
        return found
