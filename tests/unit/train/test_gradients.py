from dataclasses import replace
from itertools import combinations

import pytest
import torch

from motet.model.assemble import build
from motet.model.cut import Cut
from motet.testing.project import tiny_in_memory
from motet.train.gradients import backward, task_gradients
from motet.workflow import check, prepare


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


VIEWS = ("next_item", "buy", "rating", "brand", "sentiment", "club", "friend")
"""Tasks of many views: histories, histories with items, pairs, items, texts."""


@pytest.fixture(scope="module")
def many():
    """Two yes-or-no tasks look at the same questions, so that they can be a chain."""
    given = tiny_in_memory(tasks=VIEWS, settings={"train": {"batch": 512, "device": "cpu"}})
    seen = given.tasks["buy"].model_copy(update={"positive": ["buy", "view"]})
    return prepare(check(given.model_copy(update={"tasks": {**given.tasks, "view": seen}})))


class Mapped(Cut):
    """No cut at all, but a linear map over each common tensor, whose weights show every task's gradient."""

    def meet(self, x):
        if id(x) not in self._met:
            self.common.append(torch.eye(x.shape[1], requires_grad=True))
            self._met[id(x)] = (x, x @ self.common[-1])
        return self._met[id(x)][1]

    def tensor(self, x):
        return x


def compared(study, model):
    """The inner products, by two tasks of one forward pass."""
    found = {}
    for losses, cut in passes(study, model, cut=True):
        gramian = task_gradients(model, losses, cut).gramian()
        found |= {(a, b): float(gramian[i, j]) for i, a in enumerate(losses) for j, b in enumerate(losses)}
    return found


def test_the_gramian_is_that_of_linear_maps_where_the_views_meet(many):
    model = build(many.shape, seed=0)
    found, held = compared(many, model), {}
    for batch in next(iter(many.plan.epoch(0, 0, many.shape.tasks)))[1]:
        maps = Mapped()
        torch.manual_seed(3)
        losses = model.losses(batch, many.tensors, cut=maps)
        own = {
            task: torch.autograd.grad(loss, maps.common, retain_graph=True, materialize_grads=True)
            for task, loss in losses.items()
        }
        for a in own:
            held |= {(a, b): sum(float((x * y).sum()) for x, y in zip(own[a], own[b], strict=True)) for b in own}
    assert set(found) == set(held)
    for pair, value in held.items():
        assert found[pair] == pytest.approx(value, rel=1e-3, abs=1e-7), pair


def test_conflicts_between_views_are_seen(many):
    """Each of these reads histories in a view of its own: that they share a trunk must show."""
    found = compared(many, build(many.shape, seed=0))
    for pair in combinations(("next_item", "rating", "club", "friend"), 2):
        cosine = found[pair] / (found[pair[0], pair[0]] * found[pair[1], pair[1]]) ** 0.5
        assert 1e-3 < abs(cosine) < 1, pair


def test_the_history_trunk_is_passed_once_however_many_tasks(many):
    model, count = build(many.shape, seed=0), []
    layer = model.sharing.trunk.history.layers[0]
    layer.register_forward_hook(lambda _module, _given, out: out.register_hook(count.append) and None)
    for losses, cut in passes(many, model, cut=True):
        found = task_gradients(model, losses, cut)
        found.gramian()
        assert not count
        backward(found, dict.fromkeys(losses, 1.0))
        if "next_item" in losses:
            assert len(losses) > 3 and len(count) == 1
            return
    pytest.fail("no pass with histories")


@pytest.mark.parametrize("kind", ["shared_bottom", "mmoe", "ple", "task_embedding", "esmm"])
def test_shares_of_one_give_the_gradient_of_the_sum_over_many_views(many, kind):
    sharing = replace(many.shape.sharing, kind=kind, chain=("view", "buy") if kind == "esmm" else ())
    shape = replace(many.shape, sharing=sharing)
    whole, parts = build(shape, seed=0), build(shape, seed=0)
    for losses, _ in passes(many, whole, cut=False):
        torch.stack(list(losses.values())).sum().backward()
    for losses, cut in passes(many, parts, cut=True):
        found = task_gradients(parts, losses, cut)
        found.gramian()
        backward(found, dict.fromkeys(losses, 1.0))
    one, other = grads(whole), grads(parts)
    assert set(one) == set(other)
    for name in one:
        assert torch.allclose(one[name], other[name], atol=1e-5), name
