"""MMoE: experts that all tasks share, and a gate per task that mixes them (Ma et al. 2018, KDD)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.model.sharing._base import SharedTrunk
from motet.model.sharing._behind import behind, by_share
from motet.model.sharing._experts import ITSELF, Experts, Gate, expert_names, mix
from motet.model.sharing._protocol import SHARING


@SHARING.register("mmoe")
class MMoE(SharedTrunk):
    """y_k = s_k · z + (1 − s_k) · Σ_e g_ke · expert_e(z), with s_k and g_k from the task's own gate.

    `experts` are shared by the tasks of all views, because all views end in one space; gates are private. Other than in
    the paper, experts are normalised and z itself passes (see `_experts.py`).
    """

    reads = frozenset({"experts"})

    def __init__(self, shape: ModelShape) -> None:
        super().__init__(shape)
        count = shape.sharing.experts
        self.experts = Experts(shape.width, count)
        self.choices = [ITSELF, *expert_names(count)]
        for task in shape.tasks:
            self.private[module_name(task)] = Gate(shape.width, count)

    def adapt(self, tasks: Sequence[str], z_nd: Tensor) -> dict[str, Tensor]:
        """Return the tasks' mixtures, (n, d) per task; the experts answer once for all of them."""
        found: dict[str, Tensor] = {}
        for share, members in by_share(self.valves, tasks).items():
            experts_nEd = behind(self.experts, share)(z_nd)
            for task in members:
                share_ng = self.private[module_name(task)](z_nd)
                self.record_gate(task, self.choices, share_ng)
                found[task] = mix(share_ng, z_nd, [experts_nEd])
        return found
