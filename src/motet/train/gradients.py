"""Every task's own gradient at the features that the tasks share, and the shared weights' step made of them.

The trunk's graph is cut off at its outputs, so that K tasks cost K backward passes of their heads and one of the trunk
(Sener & Koltun 2018, arXiv:1810.04650, section 3.3). To be compared, each task's gradient goes one step further,
through its view's fusion to the states and item vectors that all views read, and is taken there as the gradient of a
linear map: at single states two tasks that ask about different users or moments would never meet (see `model.cut`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from motet.model.assemble import MotetModel
from motet.model.cut import Cut
from motet.model.groups import crowds


@dataclass(frozen=True)
class TaskGradients:
    """The tasks' gradients at the cut, and at shared weights that lie behind it (experts, for instance).

    at_leaves, at_shared: task → a tensor or None per leaf of the cut, and per weight in `shared`. at_common: likewise,
    per tensor at which tasks are compared, as `Cut.at_common` gives it.
    """

    cut: Cut
    shared: list[nn.Parameter]
    at_leaves: Mapping[str, list[Tensor | None]]
    at_shared: Mapping[str, list[Tensor | None]]
    at_common: Mapping[str, list[Tensor | None]]

    def gramian(self) -> Tensor:
        """Return the tasks' inner products at linear maps over the common tensors, (K, K), in fp32.

        Tasks of different views of one forward pass meet in the users' states and in the items' vectors. 0 for two
        tasks that read nothing in common.
        """
        found = torch.zeros(len(self.at_common), len(self.at_common))
        for each in zip(*self.at_common.values(), strict=True):
            known = [(row, gradient.flatten()) for row, gradient in enumerate(each) if gradient is not None]
            if known:
                rows = torch.tensor([row for row, _ in known])
                flat = torch.stack([gradient for _, gradient in known])
                found[rows[:, None], rows] += (flat @ flat.T).float().cpu()
        return found


def task_gradients(model: MotetModel, losses: Mapping[str, Tensor], cut: Cut) -> TaskGradients:
    """Return every loss's gradient at the cut; gradients of the tasks' private weights are accumulated in place."""
    shared = model.shared()
    at_leaves: dict[str, list[Tensor | None]] = {}
    at_shared: dict[str, list[Tensor | None]] = {}
    for task, loss in losses.items():
        private = model.private(task)
        wanted = [*cut.leaves, *shared, *private]
        found = torch.autograd.grad(loss, wanted, retain_graph=True, allow_unused=True)
        at_leaves[task] = list(found[: len(cut.leaves)])
        at_shared[task] = list(found[len(cut.leaves) : len(cut.leaves) + len(shared)])
        for parameter, gradient in zip(private, found[len(cut.leaves) + len(shared) :], strict=True):
            _add(parameter, gradient)
    at_common = {task: cut.at_common(each) for task, each in at_leaves.items()}
    return TaskGradients(cut, shared, at_leaves, at_shared, at_common)


def backward(found: TaskGradients, shares: Mapping[str, float]) -> None:
    """Accumulate the shared weights' gradient: the tasks' gradients, each times its share."""
    above, arriving = [], []
    for place, tensor in enumerate(found.cut.above):
        total = _weighted_sum([(shares[task], each[place]) for task, each in found.at_leaves.items()])
        if total is not None:
            above.append(tensor)
            arriving.append(total)
    if above:
        torch.autograd.backward(above, arriving)
    for place, parameter in enumerate(found.shared):
        _add(parameter, _weighted_sum([(shares[task], each[place]) for task, each in found.at_shared.items()]))


def gradient_norms(model: MotetModel, losses: Mapping[str, Tensor]) -> dict[str, float]:
    """Return the length of each loss's gradient at the weights that several tasks train; 0 where it has none.

    The losses' graphs stay as they are.
    """
    crowd = crowds(model)
    shared = [each for name, each in model.named_parameters() if crowd.get(name, 1) > 1 and each.requires_grad]
    found = {}
    for task, loss in losses.items():
        gradients = torch.autograd.grad(loss, shared, retain_graph=True, allow_unused=True) if shared else ()
        known = [each.norm() for each in gradients if each is not None]
        found[task] = float(torch.stack(known).norm()) if known else 0.0
    return found


def _weighted_sum(parts: list[tuple[float, Tensor | None]]) -> Tensor | None:
    known = [share * each for share, each in parts if each is not None]
    return torch.stack(known).sum(0) if known else None


def _add(parameter: nn.Parameter, gradient: Tensor | None) -> None:
    if gradient is not None:
        parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
