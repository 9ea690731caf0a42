from dataclasses import replace

import pytest
import torch

from motet.model.assemble import build
from motet.train.pulls import BETWEEN, agreement, blocks_of, label_counts, mean_losses, pulls, undisturbed


def batches_of(study):
    return next(iter(study.plan.epoch(0, 0, study.shape.tasks)))[1]


def test_a_pull_is_the_gradient_of_the_tasks_loss_at_the_shared_weights(study):
    model, batches = build(study.shape, seed=0), batches_of(study)
    with undisturbed(model):
        found = pulls(model, batches, study.tensors)
        assert all(parameter.grad is None for parameter in model.parameters())
        for task in study.shape.tasks:
            model.zero_grad()
            for batch in batches:
                losses = model.losses(batch, study.tensors)
                if task in losses:
                    losses[task].backward()
            for parameter, gradient in zip(model.shared(), found[task], strict=True):
                assert (parameter.grad is None) == (gradient is None)
                assert gradient is None or torch.allclose(parameter.grad, gradient, atol=1e-6, rtol=1e-4)


def test_every_shared_weight_has_the_block_it_stands_in(study):
    model = build(study.shape, seed=0)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    found = dict(zip([names[id(parameter)] for parameter in model.shared()], blocks_of(model), strict=True))
    assert found["sharing.trunk.items.delta.weight"] == "item"
    assert found["sharing.trunk.history.start"] == found["sharing.trunk.now.weight"] == "history"
    assert {block for name, block in found.items() if ".texts." in name} == {"text"}
    assert {block for name, block in found.items() if ".fusions." in name} == {"fusion"}
    assert BETWEEN not in found.values()


def test_what_lies_between_trunk_and_heads_is_a_block_of_its_own(study):
    model = build(study.shape, seed=0)
    model.sharing.expert = torch.nn.Linear(2, 2)
    assert blocks_of(model).count(BETWEEN) == 2


def test_lengths_and_directions_are_those_of_the_vectors():
    """Three tasks over two blocks; the third reaches only the second weight of the second block."""
    found = {
        "a": [torch.tensor([3.0, 0.0]), torch.tensor([[1.0, 1.0]]), None],
        "b": [torch.tensor([0.0, 4.0]), torch.tensor([[-2.0, -2.0]]), torch.tensor([1.0])],
        "c": [None, None, torch.tensor([5.0])],
    }
    agreed = agreement(found, ["item", "text", "text"])
    assert agreed.norms["item"] == {"a": 3.0, "b": 4.0}
    assert agreed.norms["text"] == {"a": pytest.approx(2**0.5), "b": 3.0, "c": 5.0}
    assert agreed.cosines["item"] == {("a", "b"): 0.0}
    assert agreed.cosines["text"] == {
        ("a", "b"): pytest.approx(-4 / (2**0.5 * 3)),
        ("b", "c"): pytest.approx(1 / 3),
    }, "a and c meet in no weight"


def test_a_gradient_that_is_not_finite_is_left_out():
    found = {"a": [torch.tensor([float("nan")])], "b": [torch.tensor([1.0])]}
    agreed = agreement(found, ["item"])
    assert agreed.norms["item"] == {"b": 1.0} and agreed.cosines["item"] == {}


def test_losses_are_means_over_labels_not_over_batches(study):
    model, batches = build(study.shape, seed=0), batches_of(study)
    (text,) = [each for each in batches if each.segments is None]
    block = text.blocks[0]
    target = block.targets["sentiment"]
    few = replace(target, index_m=target.index_m[:3], label_m=target.label_m[:3])
    small = replace(text, blocks=(replace(block, targets={"sentiment": few}),))
    with undisturbed(model):
        one, other = (mean_losses(model, [each], study.tensors)["sentiment"] for each in (text, small))
        both = mean_losses(model, [text, small], study.tensors)["sentiment"]
    n = len(target.index_m)
    assert label_counts([text, small]) == {"sentiment": n + 3}
    assert both == pytest.approx((n * one + 3 * other) / (n + 3), rel=1e-5)
