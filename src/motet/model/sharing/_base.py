"""What strategies have in common; and those with one trunk: the trunk, the tasks' valves, and a record of gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.model.sharing._adapters import Adapter, adapter_blocks
from motet.model.sharing._valves import Valves
from motet.model.trunk import State, Trunk


def _value(block: str, state: State) -> Tensor:
    """Return what the trunk knows in a block, (n, d); fusion is all of it together."""
    if block == "fusion":
        return state.z_nd
    if block == "history" and "history" not in state.sources:
        assert state.history_nd is not None
        return state.history_nd
    return state.sources[block]


class Plain(nn.Module):
    """What most strategies leave as it is: no trunk beside the one that is read, and a task's scores are its own."""

    def own_trunk(self, task: str) -> Trunk | None:
        """Return nothing: there is no trunk beside the one that `trunk_of` names."""
        return None

    def own_items(self, task: str, vectors_Iw: Tensor) -> Tensor:
        """Refuse: there is no own trunk."""
        raise NotImplementedError(f"'{task}' has no trunk of its own")

    def chain_before(self, task: str) -> tuple[str, ...]:
        """Return nothing: a task's scores are its own."""
        return ()

    def chained(self, task: str, scores: Sequence[Tensor]) -> Tensor:
        """Return the task's own scores."""
        return scores[-1]


class SharedTrunk(Plain):
    """One trunk for all tasks. A strategy overrides `adapt`, and puts what belongs to a task into `private`.

    ranks: tasks with a low-rank adapter of their own, and its rank; the shape's by default. adapters: these adapters,
    by the task's module name. valves: how much of each task's gradient enters the shared weights; 1 for every task
    unless a repair turns one.
    """

    def __init__(self, shape: ModelShape, *, ranks: Mapping[str, int] | None = None) -> None:
        super().__init__()
        self.trunk = Trunk(shape)
        self.private = nn.ModuleDict()
        self.blocks = {task: adapter_blocks(shape, task) for task in shape.tasks}
        self.adapters = nn.ModuleDict(
            {
                module_name(task): Adapter(self.blocks[task], shape.width, rank)
                for task, rank in (shape.sharing.ranks if ranks is None else ranks).items()
                if task in shape.tasks
            }
        )
        self.rankings = {task for task, each in shape.tasks.items() if each.output == "ranking"}
        self.valves = Valves(shape)
        self._gates: dict[str, tuple[int, dict[str, float]]] = {}

    def trunk_of(self, task: str) -> Trunk:
        """Return the one trunk."""
        return self.trunk

    def read(self, tasks: Sequence[str], state: State) -> dict[str, Tensor]:
        """Return what each task's head reads, (n, d) per task.

        A ranking reads the user's state itself, because items live in its space; other heads read the fused z. Tasks
        that begin with the same tensor are adapted together.
        """
        groups: dict[int, tuple[Tensor, list[str]]] = {}
        for task in tasks:
            if task in self.rankings and state.history_nd is not None:
                start = self.valves.through(task, "history", state.history_nd)
            else:
                start = self.valves.fused(task, state, self.trunk)
            groups.setdefault(id(start), (start, []))[1].append(task)
        found: dict[str, Tensor] = {}
        for start, members in groups.values():
            found |= self.adapt(members, start)
        return {task: found[task] + self._addition(task, state) for task in tasks}

    def _addition(self, task: str, state: State) -> Tensor | float:
        """Return what the task's adapter makes of the trunk's blocks, (n, d), or 0 without one."""
        if module_name(task) not in self.adapters:
            return 0.0
        seen = {
            block: self.valves.through(task, block.partition("/")[0], _value(block, state))
            for block in self.blocks[task]
        }
        return self.adapters[module_name(task)](seen)

    def adapt(self, tasks: Sequence[str], z_nd: Tensor) -> dict[str, Tensor]:
        """Return the tasks' own views of one representation, (n, d) per task; here the representation as it is."""
        return dict.fromkeys(tasks, z_nd)

    def items(self, task: str, vectors_Id: Tensor, *, rows: Tensor | None = None) -> Tensor:
        """Return the catalogue as it is, behind the task's valve."""
        return self.valves.through(task, "item", vectors_Id)

    def record_gate(self, task: str, names: Sequence[str], share_ng: Tensor) -> None:
        """Remember the mean share that a gate gave to each named choice in a training step."""
        if not self.training or len(share_ng) == 0:
            return
        count, sums = self._gates.get(task, (0, dict.fromkeys(names, 0.0)))
        mean = share_ng.detach().mean(0).tolist()
        self._gates[task] = (
            count + 1,
            {name: sums[name] + value for name, value in zip(names, mean, strict=True)},
        )

    def gate_usage(self) -> Mapping[str, Mapping[str, float]]:
        """Return the mean shares recorded since the last call, and forget them."""
        found = {
            task: {name: value / count for name, value in sums.items()} for task, (count, sums) in self._gates.items()
        }
        self._gates = {}
        return found
