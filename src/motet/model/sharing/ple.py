"""PLE: shared and task-specific experts, extracted progressively over two levels (Tang et al. 2020, RecSys).

Axes as in `_experts.py`; S shared experts, P tasks that begin with the same representation.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.model.sharing._base import SharedTrunk
from motet.model.sharing._behind import behind, by_share
from motet.model.sharing._experts import ITSELF, Experts, Gate, expert_names, mix
from motet.model.sharing._peers import peers
from motet.model.sharing._protocol import SHARING

OWN = 1
"""Experts of a task alone, on each level."""
OWN_NAMES = ["own 1", "all tasks' own 1", "own 2"]
"""What a gate chooses from beside z and shared experts: own experts of both levels, and those that the shared path
reads."""


class Specific(nn.Module):
    """What belongs to one task: its experts and its gate on both levels."""

    def __init__(self, width: int, shared: int) -> None:
        super().__init__()
        self.experts = nn.ModuleList(Experts(width, OWN) for _ in range(2))
        self.gates = nn.ModuleList(Gate(width, shared + OWN) for _ in range(2))


@SHARING.register("ple")
class PLE(SharedTrunk):
    """A task's gate mixes the shared experts and its own; between the levels a shared gate mixes all of them.

    That gate reads the tasks' own experts without gradient, so that these learn from their own task alone; the paper
    lets every loss through. It looks at the tasks that begin with the same representation. Its weights and the shared
    experts are shared by all; everything else is private.
    """

    reads = frozenset({"experts"})

    def __init__(self, shape: ModelShape) -> None:
        super().__init__(shape)
        self.count = shape.sharing.experts
        self.peers = peers(shape)
        self.levels = nn.ModuleList(Experts(shape.width, self.count) for _ in range(2))
        self.between = nn.ModuleDict(
            {module_name(group[0]): Gate(shape.width, self.count + OWN * len(group)) for group in self.peers.values()}
        )
        self.choices = [ITSELF, *expert_names(self.count, 1), *expert_names(self.count, 2), *OWN_NAMES]
        for task in shape.tasks:
            self.private[module_name(task)] = Specific(shape.width, self.count)

    def adapt(self, tasks: Sequence[str], z_nd: Tensor) -> dict[str, Tensor]:
        """Return what the tasks' second gates extract, (n, d) per task; shared experts answer once for all of them."""
        own = self._own(tasks, z_nd)
        found: dict[str, Tensor] = {}
        for share, members in by_share(self.valves, tasks).items():
            first_nSd = behind(self.levels[0], share)(z_nd)
            group = self.peers[members[0]]
            between_ng = behind(self.between[module_name(group[0])], share)(z_nd)
            read = [own[peer].detach() for peer in group]
            second_nSd = behind(self.levels[1], share)(mix(between_ng, z_nd, [first_nSd, *read]))
            for task in members:
                specific: Specific = self.private[module_name(task)]  # type: ignore[assignment]
                one_ng = specific.gates[0](z_nd)
                x_nd = mix(one_ng, z_nd, [first_nSd, own[task]])
                two_ng = specific.gates[1](x_nd)
                found[task] = mix(two_ng, x_nd, [second_nSd, specific.experts[1](x_nd)])
                if self.training:
                    self.record_gate(task, self.choices, self._usage(one_ng, between_ng, two_ng))
        return found

    def _own(self, tasks: Sequence[str], z_nd: Tensor) -> dict[str, Tensor]:
        """Return the first own experts of these tasks and, without a graph, of those that begin beside them."""
        found = {}
        for peer in self.peers[tasks[0]]:
            specific: Specific = self.private[module_name(peer)]  # type: ignore[assignment]
            with torch.set_grad_enabled(peer in tasks and torch.is_grad_enabled()):
                found[peer] = specific.experts[0](z_nd)
        return found

    def _usage(self, one_ng: Tensor, between_ng: Tensor, two_ng: Tensor) -> Tensor:
        """Return the shares of `choices`: half for each level, the first level's along both ways to the answer."""
        shared = slice(1, 1 + self.count)
        b_n1 = two_ng[:, shared].sum(1, keepdim=True)  # of the answer that comes by the shared way
        own_ng, shared_ng = (1 - b_n1) * one_ng, b_n1 * between_ng
        rest = slice(1 + self.count, None)
        parts = [
            own_ng[:, :1] + shared_ng[:, :1] + two_ng[:, :1],
            own_ng[:, shared] + shared_ng[:, shared],
            two_ng[:, shared],
            *(each[:, rest].sum(1, keepdim=True) for each in (own_ng, shared_ng, two_ng)),
        ]
        return torch.cat(parts, dim=1) / 2
