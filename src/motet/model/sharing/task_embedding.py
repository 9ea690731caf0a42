"""Embeddings of a task's own beside the shared ones (STEM: Su et al. 2024, arXiv:2308.13537).

Tasks collide in the embedding tables: one user or item is like another for one task and unlike it for the next. So each
task has, beside the shared trunk, a narrow trunk of its own inputs. Forward it reads its own, the shared, and the other
tasks' representations; backward its gradient enters the shared and its own only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.model.sharing._base import SharedTrunk
from motet.model.sharing._protocol import SHARING
from motet.model.trunk import State, Trunk

SHARED_FIRST = 0.8
"""What a gate gives to the shared representation at first."""
ITEMS_FIRST = 0.25
"""How much of a ranking's own item vectors is added to the shared ones at first."""


@SHARING.register("task_embedding")
class TaskEmbedding(SharedTrunk):
    """A shared trunk, a narrow one per task, and a gate per task over what they and the others' make of a question."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__(shape)
        self.others = {
            task: tuple(name for name, other in shape.tasks.items() if other.view == each.view and name != task)
            for task, each in shape.tasks.items()
        }
        for task in shape.tasks:
            parts = _Parts(narrow(shape, task), shape.width, self.others[task], ranks=task in self.rankings)
            self.private[module_name(task)] = parts

    def own_trunk(self, task: str) -> Trunk:
        """Return the task's own narrow trunk."""
        return self._parts(task).trunk

    def own_items(self, task: str, vectors_Iw: Tensor) -> Tensor:
        """Return what a ranking adds to the catalogue, (I + 1, d), under the very map that its own users are under."""
        parts = self._parts(task)
        assert parts.added is not None
        return parts.added * parts.own(vectors_Iw)

    def read(self, tasks: Sequence[str], state: State) -> dict[str, Tensor]:
        """Return each task's mixture, (n, d); the shared representation alone where a state knows no own ones."""
        shared = super().read(tasks, state)
        return {task: self._mixed(task, shared[task], state) if task in state.own else shared[task] for task in tasks}

    def _mixed(self, task: str, shared_nd: Tensor, state: State) -> Tensor:
        parts, others = self._parts(task), self.others[task]
        seen = [self._seen(task, state.own[name]) for name in (task, *others)]
        maps = [parts.own, *(parts.others[module_name(name)] for name in others)]
        made = [each(z if place == 0 else z.detach()) for place, (each, z) in enumerate(zip(maps, seen, strict=True))]
        share_ng = parts.gate(shared_nd)
        self.record_gate(task, ["shared", "own", *others], share_ng)
        return torch.einsum("ng,gnd->nd", share_ng, torch.stack([shared_nd, *made]))

    def _seen(self, task: str, own: State) -> Tensor:
        """What a narrow trunk says: of the user, to a ranking; else of all that the view shows."""
        return own.history_nd if task in self.rankings and own.history_nd is not None else own.z_nd

    def _parts(self, task: str) -> _Parts:
        return self.private[module_name(task)]  # type: ignore[return-value]


def narrow(shape: ModelShape, task: str) -> ModelShape:
    """Return the shape of a task's own trunk: about a quarter of the width, in steps of 8, one layer, one head."""
    return replace(shape.only(task), width=max(8, round(shape.width / 32) * 8), layers=1, heads=1)


class _Parts(nn.Module):
    """What belongs to one task: its trunk, maps from its own and the others' trunks to the shared width, its gate."""

    def __init__(self, shape: ModelShape, width: int, others: Sequence[str], *, ranks: bool) -> None:
        super().__init__()
        self.trunk = Trunk(shape)
        self.own = nn.Linear(shape.width, width, bias=False)
        nn.init.orthogonal_(self.own.weight)
        self.others = nn.ModuleDict({module_name(name): nn.Linear(shape.width, width) for name in others})
        self.gate = _Gate(2 + len(others), width)
        self.added = nn.Parameter(torch.tensor(ITEMS_FIRST)) if ranks else None


class _Gate(nn.Module):
    """A softmax over the shared, the own and the others' representations; the same for all questions at first."""

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, size)
        nn.init.zeros_(self.score.weight)
        with torch.no_grad():
            self.score.bias.fill_((1 - SHARED_FIRST) / (size - 1))[0] = SHARED_FIRST
            self.score.bias.log_()

    def forward(self, z_nd: Tensor) -> Tensor:
        """Return shares (n, size), the shared representation's first."""
        return torch.softmax(self.score(F.layer_norm(z_nd, z_nd.shape[-1:])), dim=1)
