"""Cross-stitch: a column of layers per task, mixed after every layer (Misra et al. 2016, arXiv:1604.03539).

Axes: n questions, d width, P tasks that begin with the same representation.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.model.sharing._base import SharedTrunk
from motet.model.sharing._behind import behind, by_share
from motet.model.sharing._layers import ResidualLayer
from motet.model.sharing._peers import peers
from motet.model.sharing._protocol import SHARING

KEEP = 0.9
"""The weight of a column's own values at the start; the others share the rest evenly."""


class Stitch(nn.Module):
    """α_rPd per channel: how rows r mix P columns. Kept as a difference from the start, to which weight decay pulls.

    rows: the columns' places, in the order of what comes out.
    """

    start_rP1: Tensor

    def __init__(self, columns: int, width: int, rows: Sequence[int]) -> None:
        super().__init__()
        start = torch.full((len(rows), columns), (1 - KEEP) / max(columns - 1, 1))
        start[torch.arange(len(rows)), torch.tensor(rows)] = KEEP if columns > 1 else 1.0
        self.register_buffer("start_rP1", start[..., None], persistent=False)
        self.change_rPd = nn.Parameter(torch.zeros(len(rows), columns, width))

    def weights(self) -> Tensor:
        """Return α, (r, P, d)."""
        return self.start_rP1 + self.change_rPd

    def forward(self, x_nPd: Tensor) -> Tensor:
        """Return the mixed columns, (n, r, d)."""
        return torch.stack([(weight_Pd * x_nPd).sum(1) for weight_Pd in self.weights()], dim=1)


class Columns(nn.Module):
    """Two layers per task, stitched after the first."""

    def __init__(self, columns: int, width: int) -> None:
        super().__init__()
        self.first = nn.ModuleList(ResidualLayer(width) for _ in range(columns))
        self.stitch = Stitch(columns, width, range(columns))
        self.second = nn.ModuleList(ResidualLayer(width) for _ in range(columns))

    def forward(self, z_nd: Tensor) -> Tensor:
        """Return every column's second layer, (n, P, d)."""
        x_nPd = self.stitch(torch.stack([layer(z_nd) for layer in self.first], dim=1))
        return torch.stack([layer(x_nPd[:, place]) for place, layer in enumerate(self.second)], dim=1)


@SHARING.register("cross_stitch")
class CrossStitch(SharedTrunk):
    """Columns of the tasks that begin with the same representation; only a task's last stitch is private.

    Through the stitches every loss reaches every column, so columns are shared weights, whatever their name. A task
    that begins alone has its column to itself. Layers are residual and begin as nothing: so does the strategy.
    """

    def __init__(self, shape: ModelShape) -> None:
        super().__init__(shape)
        self.peers = peers(shape)
        self.columns = nn.ModuleDict()
        for task, group in self.peers.items():
            if len(group) == 1:
                self.private[module_name(task)] = Columns(1, shape.width)
                continue
            if task == group[0]:
                self.columns[module_name(task)] = Columns(len(group), shape.width)
            self.private[module_name(task)] = Stitch(len(group), shape.width, [group.index(task)])

    def adapt(self, tasks: Sequence[str], z_nd: Tensor) -> dict[str, Tensor]:
        """Return every task's last stitch of the columns, (n, d) per task; columns are passed once for all of them."""
        group = self.peers[tasks[0]]
        if len(group) == 1:
            return {tasks[0]: self.private[module_name(tasks[0])](z_nd)[:, 0]}
        found: dict[str, Tensor] = {}
        for share, members in by_share(self.valves, tasks).items():
            columns_nPd = behind(self.columns[module_name(group[0])], share)(z_nd)
            for task in members:
                stitch: Stitch = self.private[module_name(task)]  # type: ignore[assignment]
                found[task] = stitch(columns_nPd)[:, 0]
                if self.training:
                    used_P = stitch.weights()[0].detach().abs().mean(1)
                    self.record_gate(task, group, (used_P / used_P.sum())[None])
        return found
