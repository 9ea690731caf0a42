"""A balancer of your own: registered by name, chosen in the project, trained with.

    python examples/plug_in.py

How a package of yours brings one along for good: docs/how-to/add-a-balancer.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from certify_frames import project

import motet
from motet.schema import BalanceConfig
from motet.train.balance import BALANCERS


@BALANCERS.register("by_turns")
class ByTurns:
    """Each step one task counts ten times as much as the others, in turn."""

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        self._constants, self._weights, self._step = dict(constants), dict(weights), 0

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Return a weight for each given loss."""
        self._step += 1
        loud = list(self._weights)[self._step % len(self._weights)]
        return {
            task: self._weights[task] * (1.0 if task == loud else 0.1) / max(self._constants[task], 1e-8)
            for task in losses
        }

    def state(self) -> dict[str, Any]:
        """Return the step."""
        return {"step": self._step}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved step."""
        self._step = int(state["step"])


def main() -> None:
    """Train once with it, once with the default, and print the metric of every task."""
    plain = project(quick=True)
    for kind in ("norm", "by_turns"):
        own = plain.model_copy(update={"balance": BalanceConfig(kind=kind)})
        found = motet.train(own, out=f"runs/bookshop-{kind}").evaluation.tasks
        print(kind, {name: f"{task.primary} {found[name][task.primary]:.4f}" for name, task in own.tasks.items()})


if __name__ == "__main__":
    main()
