"""Valve: a shared trunk, private low-rank additions, and a gate between one's own state and the others'.

After STEM (Su et al. 2024, arXiv:2308.13537): all states are read forward, but a gradient enters only what is shared
and what is the task's own. What a task adds is an adapter over the trunk's blocks and, where it looks at items or ranks
them, a narrow table of its own. Valves decide how much of its gradient enters the shared weights. At the start all of
this is nothing: the strategy begins as plain sharing.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.model.sharing._adapters import ItemAddition
from motet.model.sharing._base import SharedTrunk
from motet.model.sharing._peers import peers
from motet.model.sharing._protocol import SHARING
from motet.model.trunk import State

LITTLE = -4.0
"""A gate's first logit for another task's state; its own has 0."""


@SHARING.register("valve")
class Valve(SharedTrunk):
    """Adapters for every task, item tables for those that look at items, gates over peers' states."""

    reads = frozenset({"rank"})

    def __init__(self, shape: ModelShape) -> None:
        super().__init__(shape, ranks=dict.fromkeys(shape.tasks, shape.sharing.rank) | dict(shape.sharing.ranks))
        self.peers = peers(shape)
        for task, each in shape.tasks.items():
            view = shape.views[each.view]
            parts = nn.ModuleDict({"gate": _Gate(len(self.peers[task]), shape.width)})
            if each.output == "ranking" or ("item" in view.sources and not view.about_items):
                parts["table"] = ItemAddition(shape.num_items, shape.width)
            self.private[module_name(task)] = parts

    def read(self, tasks: Sequence[str], state: State) -> dict[str, Tensor]:
        """Return each task's mixture of its own state and its peers', (n, d)."""
        own = super().read(tasks, state)
        for task in tasks:
            own[task] = own[task] + self._item_part(task, state)
        return {task: self._mix(task, own, state) for task in tasks}

    def items(self, task: str, vectors_Id: Tensor, *, rows: Tensor | None = None) -> Tensor:
        """Return the catalogue with the task's own addition to every item."""
        table = self._parts(task)["table"]
        addition = table.all(len(vectors_Id)) if rows is None else table(rows)  # type: ignore[operator]
        return super().items(task, vectors_Id, rows=rows) + addition

    def _parts(self, task: str) -> nn.ModuleDict:
        return self.private[module_name(task)]  # type: ignore[return-value]

    def _item_part(self, task: str, state: State) -> Tensor | float:
        parts = self._parts(task)
        if "table" not in parts or state.item_n is None or task in self.rankings:
            return 0.0
        return parts["table"](state.item_n)

    def _mix(self, task: str, own: dict[str, Tensor], state: State) -> Tensor:
        """Return the gated mixture; peers' states come without gradient."""
        names = self.peers[task]
        if len(names) == 1:
            return own[task]
        states = [own[task], *(self._peer(name, own, state) for name in names if name != task)]
        share_ng = self._parts(task)["gate"](own[task])
        self.record_gate(task, ["own", *(name for name in names if name != task)], share_ng)
        return torch.einsum("ng,gnd->nd", share_ng, torch.stack(states))

    @torch.no_grad()
    def _peer(self, name: str, own: dict[str, Tensor], state: State) -> Tensor:
        if name in own:
            return own[name].detach()
        return super().read([name], state)[name] + self._item_part(name, state)


class _Gate(nn.Module):
    """A softmax over one's own state and the peers'; next to nothing goes to them at the start."""

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, size)
        nn.init.zeros_(self.score.weight)
        with torch.no_grad():
            self.score.bias.fill_(LITTLE)[0] = 0.0

    def forward(self, z_nd: Tensor) -> Tensor:
        """Return shares (n, size)."""
        return torch.softmax(self.score(F.layer_norm(z_nd, z_nd.shape[-1:])), dim=1)
