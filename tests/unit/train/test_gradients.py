import pytest
import torch

from motet.model.assemble import build
from motet.model.cut import Cut
from motet.train.gradients import backward, task_gradients


def passes(study, model, *, cut):
    for batch in next(iter(study.plan.epoch(0, 0, study.shape.tasks)))[1]:
        at = Cut() if cut else None
        torch.manual_seed(3)
        yield model.losses(batch, study.tensors, cut=at), at


def grads(model):
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None and p.grad.any()}


def test_shares_of_one_give_the_gradient_of_the_sum(study):
    whole, parts = build(study.shape, seed=0), build(study.shape, seed=0)
    for losses, _ in passes(study, whole, cut=False):
        torch.stack(list(losses.values())).sum().backward()
    for losses, cut in passes(study, parts, cut=True):
        backward(task_gradients(parts, losses, cut), dict.fromkeys(losses, 1.0))
    one, other = grads(whole), grads(parts)
    assert set(one) == set(other)
    for name in one:
        assert torch.allclose(one[name], other[name], atol=1e-5, rtol=1e-3), name


def test_a_share_of_zero_moves_private_weights_alone(study):
    model = build(study.shape, seed=0)
    for losses, cut in passes(study, model, cut=True):
        backward(task_gradients(model, losses, cut), dict.fromkeys(losses, 0.0))
    assert all(p.grad is None or not p.grad.any() for p in model.shared())
    for task in model.shape.tasks:
        assert any(p.grad is not None and p.grad.any() for p in model.private(task)), task


def test_the_gramian_holds_inner_products(study):
    model = build(study.shape, seed=0)
    for losses, cut in passes(study, model, cut=True):
        found = task_gradients(model, losses, cut)
        gramian = found.gramian()
        assert torch.equal(gramian, gramian.T)
        for place, task in enumerate(losses):
            norm = sum(float((g**2).sum()) for g in found.at_leaves[task] if g is not None)
            assert float(gramian[place, place]) == pytest.approx(norm)
