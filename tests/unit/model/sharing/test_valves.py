from dataclasses import replace

import pytest
import torch

from motet.model.names import module_name
from motet.model.shape import SharingShape
from motet.model.sharing._base import SharedTrunk
from motet.model.sharing._valves import Valves, scale_gradient
from motet.schema import BLOCKS


def trunk_gradient(model, batches, tensors, task):
    model.zero_grad(set_to_none=True)
    for batch in batches:
        losses = model.losses(batch, tensors)
        if task in losses:
            losses[task].backward()
    return {name: p.grad.clone() for name, p in model.sharing.trunk.named_parameters() if p.grad is not None}


def test_forward_a_valve_is_nothing_backward_it_multiplies():
    for share in (1.0, 0.3, 0.0):
        x = torch.randn(4, requires_grad=True)
        y = scale_gradient(x, share)
        assert torch.equal(x, y)
        (y.sum() + 0 * x.sum()).backward()
        assert torch.allclose(x.grad, torch.full((4,), share))


def test_half_a_valve_halves_every_shared_gradient(model, batches, study):
    whole = trunk_gradient(model, batches, study.tensors, "rating")
    model.sharing.valves.turn("rating", 0.5)
    half = trunk_gradient(model, batches, study.tensors, "rating")
    assert set(whole) == set(half)
    for name in whole:
        assert torch.allclose(half[name], 0.5 * whole[name], atol=1e-7), name


def test_one_block_can_be_shut_alone(model, batches, study):
    answer = {}
    for shut in (False, True):
        if shut:
            model.sharing.valves.turn("sentiment", 0.0, ("text",))
        answer[shut] = trunk_gradient(model, batches, study.tensors, "sentiment")
    key = module_name(model.shape.tasks["sentiment"].view)
    texts = {name for name in answer[False] if name.startswith(f"texts.{key}.")}
    fusion = {name for name in answer[False] if name.startswith(f"fusions.{key}.")}
    assert texts and fusion
    assert all(name not in answer[True] or not answer[True][name].any() for name in texts)
    for name in fusion:
        assert torch.allclose(answer[True][name], answer[False][name], atol=1e-6), name


def test_shares_are_told_by_task_and_block(study):
    shape = replace(study.shape, sharing=SharingShape(valves={"brand": 0.3, "rating.item": 0.0}))
    valves = Valves(shape)
    assert {valves.of("brand", block) for block in BLOCKS} == {0.3}
    assert valves.of("rating", "item") == 0.0 and valves.of("rating", "fusion") == 1.0
    valves.turn("rating", 0.5, ("fusion",))
    assert valves.of("rating", "item") == 0.0 and valves.of("rating", "fusion") == 0.5


def test_gates_are_averaged_over_steps(study):
    base = SharedTrunk(study.shape).train()
    base.record_gate("rating", ["one", "two"], torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    base.record_gate("rating", ["one", "two"], torch.tensor([[1.0, 0.0]]))
    assert base.gate_usage() == {"rating": {"one": pytest.approx(0.75), "two": pytest.approx(0.25)}}
    assert base.gate_usage() == {}


def test_valves_can_be_opened_for_a_while(study):
    valves = Valves(replace(study.shape, sharing=SharingShape(valves={"brand": 0.3})))
    assert valves.turned
    with valves.opened():
        assert valves.of("brand", "item") == 1.0 and not valves.turned
    assert valves.of("brand", "item") == 0.3
