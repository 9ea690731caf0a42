"""The contract of a collaboration strategy: which trunk a task reads, and what lies between trunk and head."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor, nn

from motet.model.shape import ModelShape
from motet.model.trunk import Trunk
from motet.registry import Shelf


class Sharing(Protocol):
    """Built from the model's shape; owns the trunk or trunks."""

    def __init__(self, shape: ModelShape) -> None: ...

    def trunk_of(self, task: str) -> Trunk:
        """Return the trunk that a task reads; tasks with the same trunk share its forward pass."""
        ...

    def adapt(self, task: str, z_nd: Tensor) -> Tensor:
        """Return the task's view of a trunk's representation, (n, d)."""
        ...


SHARING: Shelf[type[nn.Module]] = Shelf("sharing strategy", "motet.model.sharing")
