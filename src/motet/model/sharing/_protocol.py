"""The contract of a collaboration strategy: which trunk a task reads, and what lies between trunk and head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from torch import Tensor, nn

from motet.model.shape import ModelShape
from motet.model.trunk import State, Trunk
from motet.registry import Shelf


class Sharing(Protocol):
    """Built from the model's shape; owns the trunk or trunks. n = questions, d = width.

    A class that looks at `experts`, `rank` or `size` of the section [sharing] names them in a set `reads`; others are
    refused at the door, since they would do nothing.

    private, adapters: by task's module name, what belongs to that task alone (adapters: low-rank additions to what it
    reads); every other parameter is shared.
    """

    private: nn.ModuleDict
    adapters: nn.ModuleDict

    def __init__(self, shape: ModelShape) -> None: ...

    def trunk_of(self, task: str) -> Trunk:
        """Return the trunk that a task reads; tasks with the same trunk share its forward pass."""
        ...

    def read(self, tasks: Sequence[str], state: State) -> dict[str, Tensor]:
        """Return what each task's head reads of the questions of one view, (n, d) per task."""
        ...

    def items(self, task: str, vectors_Id: Tensor, *, rows: Tensor | None = None) -> Tensor:
        """Return the catalogue as a ranking task sees it, (I + 1, d). rows: the items (index + 1) that the vectors are
        of, where they are not all.
        """
        ...

    def own_trunk(self, task: str) -> Trunk | None:
        """Return a trunk that the task has beside the shared one; its states stand in `State.own`. Usually none."""
        ...

    def own_items(self, task: str, vectors_Iw: Tensor) -> Tensor:
        """Return what a ranking with an own trunk adds to the catalogue, (I + 1, d). vectors_Iw: that trunk's."""
        ...

    def chain_before(self, task: str) -> tuple[str, ...]:
        """Return the tasks whose scores have a part in this one's, of the same view; usually none."""
        ...

    def chained(self, task: str, scores: Sequence[Tensor]) -> Tensor:
        """Return a task's raw scores, made of those of `chain_before` in order and, last, its own head's."""
        ...

    def gate_usage(self) -> Mapping[str, Mapping[str, float]]:
        """Return, by task, the mean share of each thing that its gate chooses from, since the last call."""
        ...


SHARING: Shelf[type[nn.Module]] = Shelf("sharing strategy", "motet.model.sharing")
