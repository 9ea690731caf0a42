import math
from dataclasses import replace

import pytest
import torch

from motet.model.assemble import build
from motet.model.shape import SharingShape
from motet.schema import BalanceConfig
from motet.train.balance.norm import EVERY, Norm
from motet.train.gradients import gradient_norms
from motet.train.step import take_step


def make(**weights):
    return Norm(dict.fromkeys(weights, 1.0), weights, BalanceConfig(kind="norm"))


def test_weights_make_gradients_of_one_length():
    norm = make(a=1.0, b=2.0)
    norm.observe({"a": 4.0, "b": 0.5}, {"a": 7, "b": 7})
    assert norm.weigh({"a": 1.0, "b": 1.0}) == pytest.approx({"a": 1 / 4, "b": 2 / 0.5})


def test_a_task_with_few_labels_pulls_as_hard_as_their_root():
    norm = make(a=1.0, b=1.0)
    norm.observe({"a": 1.0}, {"a": 400})
    norm.observe({"b": 1.0}, {"b": 4})
    assert norm.weigh({"a": 1.0, "b": 1.0}) == pytest.approx({"a": 1.0, "b": 0.1})


def test_beside_a_main_task_the_others_pull_a_part_as_hard():
    norm = Norm(
        dict.fromkeys("abc", 1.0), dict.fromkeys("abc", 1.0), BalanceConfig(kind="norm", main="a", strength=0.5)
    )
    norm.observe({"a": 1.0, "b": 1.0, "c": 1.0}, {"a": 100, "b": 400, "c": 1})
    # the main task has half the force of the one with most labels; that one may have half of this
    assert norm.weigh({"a": 1.0, "b": 1.0, "c": 1.0}) == pytest.approx({"a": 0.5, "b": 0.25, "c": 0.05})


def test_a_measurement_moves_half_the_way_on_a_logarithmic_scale():
    norm = make(a=1.0)
    norm.observe({"a": 1.0}, {"a": 1})
    norm.observe({"a": 16.0}, {"a": 1})
    assert norm.weigh({"a": 1.0})["a"] == pytest.approx(1 / 4)
    norm.observe({"a": 0.0}, {"a": 1})
    norm.observe({"a": math.inf}, {"a": 1})
    assert norm.weigh({"a": 1.0})["a"] == pytest.approx(1 / 4)


def test_measurements_are_dense_at_first_and_rare_later():
    norm = make(a=1.0, b=1.0)
    due = []
    for step in range(3 * 2 * EVERY + 1):
        if norm.due(["a", "b"]):
            due.append(step)
        norm.weigh({"a": 1.0, "b": 1.0})
    assert due == [0, 1, 2, 4, 8, 16, 32, 64, 96]


def test_measured_lengths_are_those_of_the_shared_gradient(study):
    model, measured = build(study.shape, seed=0).eval(), {}
    for batch in next(iter(study.plan.epoch(0, 0, study.shape.tasks)))[1]:
        losses = model.losses(batch, study.tensors)
        doubled = gradient_norms(model, {task: 2 * loss for task, loss in losses.items()})
        for task, norm in gradient_norms(model, losses).items():
            assert doubled[task] == pytest.approx(2 * norm, rel=1e-4)
            measured[task] = norm
    assert measured["rating"] > 0 and measured["next_item"] > 0
    assert measured["sentiment"] == 0, "nobody shares its tower"
    twin = build(study.shape.only("rating"), seed=0)
    for batch in next(iter(study.plan.epoch(0, 0, twin.shape.tasks)))[1]:
        assert set(gradient_norms(twin, twin.losses(batch, study.tensors)).values()) <= {0.0}


def test_measuring_leaves_no_gradient_behind(study):
    model = build(study.shape, seed=0)
    for batch in next(iter(study.plan.epoch(0, 0, study.shape.tasks)))[1]:
        gradient_norms(model, model.losses(batch, study.tensors))
    assert all(each.grad is None for each in model.parameters())
    assert torch.is_grad_enabled()


def test_a_valve_is_not_made_up_for(study):
    """A task behind a half open valve moves the shared weights half as far as with the valve open."""
    pulls = {}
    for share in (1.0, 0.5):
        shape = replace(study.shape, sharing=SharingShape(valves={"rating": share}))
        model = build(shape, seed=0).eval()
        norm = Norm(dict.fromkeys(shape.tasks, 1.0), dict.fromkeys(shape.tasks, 1.0), BalanceConfig(kind="norm"))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
        batches = next(iter(study.plan.epoch(0, 0, shape.tasks)))[1]
        result = take_step(model, batches, study.tensors, norm, optimizer, teachers={}, clip=1e9, seed=(0, 0, 0))
        pulls[share] = result.weights["rating"]
    assert pulls[0.5] == pytest.approx(pulls[1.0], rel=1e-4)
