from dataclasses import replace

import numpy as np
import pytest
import torch

from motet.model.assemble import build
from motet.model.groups import parameter_groups
from motet.schema import BalanceConfig
from motet.train.balance.sum import Sum
from motet.train.step import take_step

from ._runs import digest


@pytest.fixture
def world(study):
    """A model, its optimiser, and a function that takes one step."""
    model = build(study.shape, seed=0).train()
    groups = parameter_groups(model, learning_rate=1e-3, weight_decay=0.02)
    optimizer = torch.optim.AdamW(groups)
    balancer = Sum({}, dict.fromkeys(study.shape.tasks, 1.0), BalanceConfig())

    def step(batches, *, clip=5.0, seed=(0, 0, 0), teachers=None):
        return take_step(
            model, batches, study.tensors, balancer, optimizer, teachers=teachers or {}, clip=clip, seed=seed
        )

    return model, optimizer, step


def batches_of(study, tasks=None):
    return next(iter(study.plan.epoch(0, 0, tasks or study.shape.tasks)))[1]


def broken(batches):
    """The batches with one label of the sentiment task unknown."""
    found = []
    for batch in batches:
        blocks = []
        for block in batch.blocks:
            if "sentiment" in block.targets:
                target = block.targets["sentiment"]
                label = np.where(np.arange(len(target.label_m)) == 1, np.nan, target.label_m).astype(np.float32)
                block = replace(block, targets={"sentiment": replace(target, label_m=label)})
            blocks.append(block)
        found.append(replace(batch, blocks=tuple(blocks)))
    return found


def test_a_step_moves_every_task(study, world):
    model, _, step = world
    before = {name: value.clone() for name, value in model.state_dict().items()}
    result = step(batches_of(study))
    assert set(result.losses) == set(study.shape.tasks) and not result.skipped
    assert result.weights == dict.fromkeys(study.shape.tasks, 1.0)
    moved = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    for task in study.shape.tasks:
        assert any(name.startswith(f"heads.{task}.") for name in moved)
    assert any(name.startswith("sharing.trunk.history") for name in moved)


def test_steps_lower_the_loss(study, world):
    _, _, step = world
    losses = [sum(step(batches_of(study)).losses.values()) for _ in range(15)]
    assert losses[-1] < losses[0] - 0.1


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_loss_that_is_not_finite_leaves_the_weights_as_they_are(study, world, place):
    model, optimizer, step = world
    batches = broken(batches_of(study))
    assert batches[0].segments is None, "the text view comes first"
    before = digest(model)
    result = step(batches if place == "first" else batches[::-1])
    assert result.skipped and digest(model) == before and not optimizer.state
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not step(batches_of(study)).skipped


def test_a_gradient_that_is_not_finite_leaves_the_weights_as_they_are(study, world):
    model, optimizer, step = world
    before = digest(model)
    hook = next(model.head("rating").parameters()).register_hook(lambda grad: grad * float("inf"))
    result = step(batches_of(study))
    assert result.skipped and digest(model) == before and not optimizer.state
    hook.remove()
    assert not step(batches_of(study)).skipped


def test_shared_and_private_gradients_are_clipped_apart(study, world):
    model, _, step = world
    step(batches_of(study), clip=1e-3)
    for group in (model.shared(), *(model.private(task) for task in model.shape.tasks)):
        length = torch.stack([each.grad.norm() for each in group if each.grad is not None]).norm()
        assert float(length) == pytest.approx(1e-3, rel=1e-3)


def test_a_step_can_be_repeated_exactly(study):
    digests = []
    for seed in ((0, 0, 0), (0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 0, 1)):
        model = build(study.shape, seed=0).train()
        optimizer = torch.optim.AdamW(parameter_groups(model, learning_rate=1e-3, weight_decay=0.0))
        torch.manual_seed(len(digests))  # whatever was drawn before does not matter
        balancer = Sum({}, dict.fromkeys(study.shape.tasks, 1.0), BalanceConfig())
        take_step(model, batches_of(study), study.tensors, balancer, optimizer, teachers={}, clip=5.0, seed=seed)
        digests.append(digest(model))
    assert digests[0] == digests[1] and len(set(digests)) == 4


def test_one_views_dropout_does_not_depend_on_another_views_presence(study, world):
    model, _, step = world
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    together = step(batches_of(study)).losses
    for task in ("sentiment",):
        model.load_state_dict(weights)
        assert step(batches_of(study, [task])).losses[task] == together[task]


def test_a_closed_task_is_trained_on_its_teachers_answers(study, world):
    model, _, step = world
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    plain = step(batches_of(study)).losses
    model.load_state_dict(weights)
    teacher = build(study.shape, seed=7).eval()
    taught = step(batches_of(study), teachers={"rating": teacher}).losses
    assert taught["rating"] != plain["rating"] and taught["sentiment"] == plain["sentiment"]


class Measured(Sum):
    """Looks at the lengths of the gradients in every step, and keeps them."""

    def due(self, tasks):
        return True

    def observe(self, norms, labels):
        self.norms = getattr(self, "norms", {}) | dict(norms)


@pytest.mark.parametrize("valves", [{"rating": 0.5}, {"rating": 0.1, "next_item": 0.25}])
def test_lengths_are_of_the_trained_losses_as_open_valves_would_have_them(study, valves):
    found = []
    for turned in ({}, valves):
        shape = replace(study.shape, sharing=replace(study.shape.sharing, valves=turned))
        model = build(shape, seed=0).train()
        optimizer = torch.optim.AdamW(parameter_groups(model, learning_rate=1e-3, weight_decay=0.0))
        balancer = Measured({}, dict.fromkeys(study.shape.tasks, 1.0), BalanceConfig())
        take_step(
            model,
            batches_of(study),
            study.tensors,
            balancer,
            optimizer,
            teachers={"rating": build(study.shape, seed=7).eval()},
            trust={"rating": 0.3},
            clip=5.0,
            seed=(0, 0, 0),
        )
        found.append(balancer.norms)
    assert found[0] == pytest.approx(found[1], rel=1e-4) and set(found[0]) == set(study.shape.tasks)
