from dataclasses import replace

import numpy as np
import pytest
import torch

from motet.model.assemble import build
from motet.train.affinity import LOOK_AHEAD_RATE, RunningAffinity, look_ahead
from motet.train.pulls import mean_losses

from ._runs import digest


def batches_of(study, epoch=0):
    return next(iter(study.plan.epoch(0, epoch, study.shape.tasks)))[1]


def with_targets(batch, make):
    """The batch with other targets in every block: make(block) → targets."""
    return replace(batch, blocks=tuple(replace(block, targets=make(block)) for block in batch.blocks))


@pytest.fixture(scope="module")
def pair(study):
    """A model with a third task that asks what the sentiment task asks, its head the same, and a text batch."""
    tasks = dict(study.shape.tasks)
    tasks["copy"] = tasks["sentiment"]
    model = build(replace(study.shape, tasks=tasks), seed=0)
    with torch.no_grad():
        for parameter in model.head("sentiment").parameters():
            parameter.normal_(std=0.3)
    model.head("copy").load_state_dict(model.head("sentiment").state_dict())
    (batch,) = [each for each in batches_of(study) if each.segments is None]
    return model, batch


def twice(batch, label_of):
    def targets(block):
        own = block.targets["sentiment"]
        return {"sentiment": own, "copy": replace(own, label_m=label_of(own.label_m))}

    return [with_targets(batch, targets)]


def test_a_task_helps_itself(study):
    model = build(study.shape, seed=0)
    batches = batches_of(study)
    found = look_ahead(model, batches, batches, study.tensors, rate=LOOK_AHEAD_RATE)
    assert set(found) == set(study.shape.tasks)
    for task in study.shape.tasks:
        assert set(found[task]) == set(study.shape.tasks)
        assert 0 < found[task][task] < 1, task


def test_what_shares_no_weight_neither_helps_nor_harms(study):
    model = build(study.shape, seed=0)
    found = look_ahead(model, batches_of(study), batches_of(study, 1), study.tensors, rate=LOOK_AHEAD_RATE)
    assert found["sentiment"]["rating"] == found["rating"]["sentiment"] == 0.0
    assert found["next_item"]["rating"] != 0.0


def test_copies_help_each_other_alike_and_opposites_hurt(study, pair):
    model, batch = pair
    same = twice(batch, np.copy)
    found = look_ahead(model, same, same, study.tensors, rate=LOOK_AHEAD_RATE)
    assert found["copy"]["sentiment"] == pytest.approx(found["sentiment"]["sentiment"], rel=1e-4)
    assert found["copy"]["sentiment"] > 0
    opposite = twice(batch, lambda label_m: 1 - label_m)
    found = look_ahead(model, opposite, opposite, study.tensors, rate=LOOK_AHEAD_RATE)
    assert found["copy"]["sentiment"] < 0 and found["sentiment"]["copy"] < 0
    assert found["copy"]["copy"] > 0 and found["sentiment"]["sentiment"] > 0


def test_the_step_is_as_long_for_a_loud_task_as_for_a_quiet_one(study, monkeypatch):
    from motet.model.assemble import MotetModel

    model, batches = build(study.shape, seed=0), batches_of(study)
    found = look_ahead(model, batches, batches, study.tensors, rate=LOOK_AHEAD_RATE)
    plain = MotetModel.losses
    monkeypatch.setattr(MotetModel, "losses", lambda *a, **k: {t: 50 * v for t, v in plain(*a, **k).items()})
    loud = look_ahead(model, batches, batches, study.tensors, rate=LOOK_AHEAD_RATE)
    for source in found:
        assert loud[source] == pytest.approx(found[source], rel=1e-3, abs=1e-6)


def test_looking_leaves_no_trace(study):
    model = build(study.shape, seed=0).train()
    model.head("rating").eval()
    next(iter(model.parameters())).grad = torch.ones_like(next(iter(model.parameters())))
    modes = [module.training for module in model.modules()]
    grads = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    before, stream = digest(model), torch.get_rng_state()
    batches = batches_of(study)
    first = look_ahead(model, batches, batches, study.tensors, rate=LOOK_AHEAD_RATE)
    assert digest(model) == before and torch.equal(torch.get_rng_state(), stream)
    assert [module.training for module in model.modules()] == modes
    for parameter, grad in zip(model.parameters(), grads, strict=True):
        assert (parameter.grad is None) == (grad is None)
        assert grad is None or torch.equal(parameter.grad, grad)
    with torch.no_grad():
        assert look_ahead(model, batches, batches, study.tensors, rate=LOOK_AHEAD_RATE) == first


def test_the_weights_come_back_even_when_judging_fails(study, monkeypatch):
    import motet.train.affinity as affinity

    model, batches = build(study.shape, seed=0).train(), batches_of(study)
    before, calls = digest(model), []

    def failing(*arguments):
        calls.append(digest(model))
        if len(calls) == 2:
            raise RuntimeError("out of memory")
        return mean_losses(*arguments)

    monkeypatch.setattr(affinity, "mean_losses", failing)
    with pytest.raises(RuntimeError):
        look_ahead(model, batches, batches, study.tensors, rate=LOOK_AHEAD_RATE)
    assert calls[1] != before and digest(model) == before and model.training


def test_a_shut_valve_makes_a_source_without_influence(study):
    shape = replace(study.shape, sharing=replace(study.shape.sharing, valves={"next_item": 0.0}))
    batches = batches_of(study)
    found = look_ahead(build(shape, seed=0), batches, batches, study.tensors, rate=LOOK_AHEAD_RATE)
    assert set(found["next_item"].values()) == {0.0} and found["rating"]["next_item"] != 0.0


def test_a_broken_target_is_bounded_and_a_broken_source_does_nothing(study, monkeypatch):
    from motet.model.assemble import MotetModel

    model, batches = build(study.shape, seed=0), batches_of(study)
    assert look_ahead(model, batches, batches, study.tensors, rate=1e4)["rating"]["rating"] == -1.0
    plain = MotetModel.losses
    nan = {"rating": float("nan")}
    monkeypatch.setattr(
        MotetModel, "losses", lambda *a, **k: {t: v * nan.get(t, 1.0) for t, v in plain(*a, **k).items()}
    )
    found = look_ahead(model, batches, batches, study.tensors, rate=LOOK_AHEAD_RATE)
    assert set(found["rating"].values()) == {0.0} and found["next_item"]["rating"] == 0.0


def test_several_batches_count_by_their_labels(study, pair):
    model, batch = pair
    (block,) = batch.blocks
    own = block.targets["sentiment"]
    cut = len(own.index_m) // 3
    parts = [
        replace(batch, blocks=(replace(block, targets={"sentiment": replace(own, index_m=i, label_m=v)}),))
        for i, v in ((own.index_m[:cut], own.label_m[:cut]), (own.index_m[cut:], own.label_m[cut:]))
    ]
    whole = [replace(batch, blocks=(replace(block, targets={"sentiment": own}),))]
    one = look_ahead(model, whole, whole, study.tensors, rate=LOOK_AHEAD_RATE)
    other = look_ahead(model, parts, parts, study.tensors, rate=LOOK_AHEAD_RATE)
    assert other["sentiment"]["sentiment"] == pytest.approx(one["sentiment"]["sentiment"], rel=1e-3)


def test_the_running_mean_is_a_mean_and_survives_a_checkpoint():
    import json

    running = RunningAffinity()
    running.update({"a": {"b": 0.1, "a": 0.3}})
    resumed = RunningAffinity()
    resumed.restore(json.loads(json.dumps(running.state())))
    for one in (running, resumed):
        one.update({"a": {"b": 0.3}, "b": {"a": -0.5}})
        assert one.mean() == {"a": {"b": pytest.approx(0.2), "a": 0.3}, "b": {"a": -0.5}}
