from itertools import pairwise

import pytest
import torch

from motet.model.names import module_name
from motet.model.sharing._behind import BLOCK, behind, by_share
from motet.model.sharing._valves import Valves

from ._strategies import shaken_model

KINDS = ["mmoe", "ple", "cross_stitch", "attention"]


def gradients(model, batches, tensors, task):
    """The gradient of a task's loss at every weight, by name; without one it is left out."""
    model.zero_grad(set_to_none=True)
    for batch in batches:
        losses = model.losses(batch, tensors)
        if task in losses:
            losses[task].backward()
    return {name: each.grad.clone() for name, each in model.named_parameters() if each.grad is not None}


def test_a_share_scales_the_weights_gradient_and_leaves_the_inputs_alone():
    layer, x = torch.nn.Linear(3, 2), torch.randn(4, 3, requires_grad=True)
    whole = torch.autograd.grad(behind(layer, 1.0)(x).square().sum(), [x, *layer.parameters()])
    half = torch.autograd.grad(behind(layer, 0.5)(x).square().sum(), [x, *layer.parameters()])
    assert torch.equal(half[0], whole[0])
    assert all(torch.allclose(less, 0.5 * more) for less, more in zip(half[1:], whole[1:], strict=True))
    shut = behind(layer, 0.0)(x)
    assert torch.equal(shut, layer(x))
    assert torch.autograd.grad(shut.square().sum(), list(layer.parameters()), allow_unused=True) == (None, None)


def test_tasks_are_told_apart_by_their_share(study):
    valves = Valves(study.shape)
    valves.turn("b", 0.3)
    valves.turn("c", 0.3, (BLOCK,))
    assert by_share(valves, ["a", "b", "c", "d"]) == {1.0: ["a", "d"], 0.3: ["b", "c"]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("task", ["rating", "next_item"])
def test_a_valve_scales_every_way_into_shared_weights(kind, task, study, batches):
    model = shaken_model(study, kind)
    shared = {id(each) for each in model.shared()}
    names = {name for name, each in model.named_parameters() if id(each) in shared}
    found = {}
    for share in (1.0, 0.5, 0.0):
        model.sharing.valves.turn(task, share)
        found[share] = gradients(model, batches, study.tensors, task)
    assert any(found[1.0][name].any() for name in names if ".trunk." not in name and name in found[1.0]) or (
        kind == "cross_stitch" and task == "next_item"  # it begins alone: its column is its own
    )
    for name, whole in found[1.0].items():
        if name in names:
            assert torch.allclose(found[0.5][name], 0.5 * whole, atol=1e-7), name
            assert name not in found[0.0] or not found[0.0][name].any(), name
    key = f"sharing.private.{module_name(task)}."
    own = [name for name in found[1.0] if name.startswith(key)]
    assert own
    for more, less in pairwise((1.0, 0.5, 0.0)):
        assert all(torch.allclose(found[more][name], found[less][name], atol=1e-7) for name in own)


@pytest.mark.parametrize("kind", KINDS)
def test_two_shares_in_one_view_change_no_answer(kind, study):
    model = shaken_model(study, kind)
    z = torch.randn(4, study.shape.width)
    before = model.sharing.adapt(["buy", "rating"], z)
    model.sharing.valves.turn("rating", 0.3)
    after = model.sharing.adapt(["buy", "rating"], z)
    assert all(torch.allclose(before[task], after[task], atol=1e-6) for task in before)
