"""What every sharing strategy keeps."""
# ruff: noqa: D102 (a test's name says what it asks)

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import torch
from torch import Tensor

from motet.features.batch import Batch
from motet.model.assemble import MotetModel, build
from motet.model.sharing import SHARING
from motet.model.trunk import Trunk
from motet.stages.study import Study
from motet.testing.study import tiny_study


@cache
def _shop() -> Study:
    return tiny_study(tasks=("next_item", "rating", "sentiment", "brand"))


class SharingContract:
    """A strategy within a whole model, on the tiny shop."""

    def study(self) -> Study:
        """Return the study; the same one for every test."""
        return _shop()

    def make(self, name: str, *, seed: int = 0) -> MotetModel:
        """Return a model with the strategy, in evaluation mode."""
        return build(replace(self.study().shape, sharing=name), seed=seed).eval()

    def batches(self) -> list[Batch]:
        """Return the batches of the first step."""
        study = self.study()
        return next(iter(study.plan.epoch(0, 0, study.shape.tasks)))[1]

    def losses(self, model: MotetModel) -> dict[str, Tensor]:
        """Return every task's loss on the first step."""
        found: dict[str, Tensor] = {}
        for batch in self.batches():
            found |= model.losses(batch, self.study().tensors)
        return found

    def test_the_shelf_has_it(self, name: str) -> None:
        assert name in SHARING.names()

    def test_every_task_has_a_trunk_that_knows_its_view(self, name: str) -> None:
        model = self.make(name)
        for task, each in model.shape.tasks.items():
            trunk = model.sharing.trunk_of(task)
            assert isinstance(trunk, Trunk)
            assert each.view in trunk.shape.views
            assert trunk is model.sharing.trunk_of(task)

    def test_adapting_keeps_the_shape_and_the_questions_apart(self, name: str) -> None:
        model = self.make(name)
        z_nd = torch.randn(5, model.shape.width)
        for task in model.shape.tasks:
            adapted = model.sharing.adapt(task, z_nd)
            assert adapted.shape == z_nd.shape
            assert torch.allclose(model.sharing.adapt(task, z_nd[2:3]), adapted[2:3], atol=1e-6)

    def test_every_task_has_a_finite_loss(self, name: str) -> None:
        losses = self.losses(self.make(name))
        assert set(losses) == set(self.study().shape.tasks)
        assert all(torch.isfinite(loss) for loss in losses.values())

    def test_a_task_reaches_its_own_trunk_and_no_other_head(self, name: str) -> None:
        model = self.make(name)
        for task, loss in self.losses(model).items():
            model.zero_grad(set_to_none=True)
            loss.backward(retain_graph=True)
            trunk: Any = model.sharing.trunk_of(task)
            assert any(each.grad is not None and each.grad.any() for each in trunk.parameters()), task
            for other in set(model.shape.tasks) - {task}:
                head: Any = model.head(other)
                assert all(each.grad is None or not each.grad.any() for each in head.parameters()), (task, other)

    def test_the_seed_decides_and_weights_are_all(self, name: str) -> None:
        one, same, other = self.make(name), self.make(name), self.make(name, seed=1)
        assert _equal(self.losses(one), self.losses(same))
        assert not _equal(self.losses(one), self.losses(other))
        other.load_state_dict(one.state_dict())
        assert _equal(self.losses(one), self.losses(other))


def _equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return all(torch.equal(one[task], other[task]) for task in one)
