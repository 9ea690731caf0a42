"""What every sharing strategy keeps."""
# ruff: noqa: D102 (a test's name says what it asks)

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import torch
from torch import Tensor

from motet.features.batch import Batch
from motet.model.assemble import MotetModel, build, count_parameters
from motet.model.names import module_name
from motet.model.shape import SharingShape
from motet.model.sharing import SHARING
from motet.model.sharing._base import SharedTrunk
from motet.model.trunk import State, Trunk
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

    def sharing(self, name: str) -> SharingShape:
        """Return the strategy's sizes."""
        return SharingShape(name)

    def make(self, name: str, *, seed: int = 0) -> MotetModel:
        """Return a model with the strategy, in evaluation mode."""
        return build(replace(self.study().shape, sharing=self.sharing(name)), seed=seed).eval()

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

    def test_it_says_which_sizes_it_reads(self, name: str) -> None:
        def weights(sharing: SharingShape) -> int:
            return count_parameters(build(replace(self.study().shape, sharing=sharing), seed=0))

        usual = self.sharing(name)
        others = {"experts": replace(usual, experts=3), "rank": replace(usual, rank=3), "size": replace(usual, size=3)}
        changed = {option for option, other in others.items() if weights(other) != weights(usual)}
        assert changed == set(getattr(SHARING.get(name), "reads", ()))

    def test_every_task_has_a_trunk_that_knows_its_view(self, name: str) -> None:
        model = self.make(name)
        for task, each in model.shape.tasks.items():
            trunk = model.sharing.trunk_of(task)
            assert isinstance(trunk, Trunk)
            assert each.view in trunk.shape.views
            assert trunk is model.sharing.trunk_of(task)

    def test_reading_keeps_the_shape_and_the_questions_apart(self, name: str) -> None:
        model, n = self.make(name), 5
        for view, tasks in self.tasks_by_view(model).items():
            state = self.random_state(model, view, n)
            read = model.sharing.read(tasks, state)
            alone = model.sharing.read(tasks, _one(state, 2))
            assert set(read) == set(tasks)
            for task in tasks:
                assert read[task].shape == (n, model.shape.width)
                assert torch.allclose(alone[task], read[task][2:3], atol=1e-5), task
                assert torch.allclose(model.sharing.read([task], state)[task], read[task], atol=1e-5), task

    def test_the_catalogue_keeps_its_shape_and_its_row_of_nothing(self, name: str) -> None:
        model = self.make(name)
        vectors = torch.randn(model.shape.num_items + 1, model.shape.width)
        vectors[0] = 0
        for task, each in model.shape.tasks.items():
            if each.output == "ranking":
                seen = model.sharing.items(task, vectors)
                assert seen.shape == vectors.shape and not seen[0].any()

    def test_private_weights_belong_to_one_task(self, name: str) -> None:
        model = self.make(name)
        keys = {module_name(task): task for task in model.shape.tasks}
        assert set(model.sharing.private) <= set(keys)
        losses = self.losses(model)
        for key, module in model.sharing.private.items():
            for other in set(model.shape.tasks) - {keys[key]}:
                wanted = list(module.parameters())
                found = torch.autograd.grad(losses[other], wanted, retain_graph=True, allow_unused=True)
                assert all(each is None or not each.any() for each in found), (keys[key], other)

    def test_gates_are_shares(self, name: str) -> None:
        model = self.make(name).train()
        self.losses(model)
        for task, usage in model.sharing.gate_usage().items():
            assert task in model.shape.tasks
            assert abs(sum(usage.values()) - 1) < 1e-4 and min(usage.values()) >= 0
        assert not model.sharing.gate_usage()

    def test_a_shut_valve_keeps_a_task_out_of_the_shared_weights(self, name: str) -> None:
        for task in self.study().shape.tasks:
            shut = replace(self.sharing(name), valves={task: 0.0})
            model = build(replace(self.study().shape, sharing=shut), seed=0)
            if not isinstance(model.sharing, SharedTrunk):
                continue
            self.losses(model)[task].backward()
            assert all(each.grad is None or not each.grad.any() for each in model.shared()), task

    def tasks_by_view(self, model: MotetModel) -> dict[str, list[str]]:
        """Return the tasks of every view."""
        found: dict[str, list[str]] = {}
        for task, each in model.shape.tasks.items():
            found.setdefault(each.view, []).append(task)
        return found

    def random_state(self, model: MotetModel, view: str, n: int) -> State:
        """Return n made-up questions of a view."""
        width, shown = model.shape.width, model.shape.views[view]
        names = [*shown.sources, *(["item/past"] if shown.about_items else [])]
        sources = {name: torch.randn(n, width) for name in names}
        item_n = torch.arange(n) % (model.shape.num_items + 1) if "item" in names else None
        return State(view, torch.randn(n, width), sources.get("history"), item_n, {}, sources=sources)

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


def _one(state: State, row: int) -> State:
    """Return one question of a state."""

    def cut(x: Tensor | None) -> Tensor | None:
        return None if x is None else x[row : row + 1]

    sources = {name: each[row : row + 1] for name, each in state.sources.items()}
    z_nd = state.z_nd[row : row + 1]
    return replace(state, z_nd=z_nd, history_nd=cut(state.history_nd), item_n=cut(state.item_n), sources=sources)


def _equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return all(torch.equal(one[task], other[task]) for task in one)
