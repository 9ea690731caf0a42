"""A cut through the graph between trunk and tasks, so that every task's gradient there can be had for itself."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from motet.model.trunk import State


class Cut:
    """Remembers what it cut: `above` belongs to the trunk's graph, `leaves` are where the tasks' graphs begin.

    K tasks then cost K backward passes of their heads, and one of the trunk.
    """

    def __init__(self) -> None:
        self.above: list[Tensor] = []
        self.leaves: list[Tensor] = []

    def tensor(self, x: Tensor | None) -> Tensor | None:
        """Return the tensor as the beginning of a graph of its own; None stays None."""
        if x is None or not x.requires_grad:
            return x
        leaf = x.detach().requires_grad_()
        self.above.append(x)
        self.leaves.append(leaf)
        return leaf

    def state(self, state: State) -> State:
        """Return a state cut off from the trunk, its sources included."""
        z_nd, history_nd = self.tensor(state.z_nd), self.tensor(state.history_nd)
        assert z_nd is not None
        sources = {name: self.tensor(each) for name, each in state.sources.items()}
        known = {name: each for name, each in sources.items() if each is not None}
        return replace(state, z_nd=z_nd, history_nd=history_nd, sources=known)
