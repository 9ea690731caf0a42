"""Narrow trunks beside the shared one: all-forward, task-specific-backward, and one space for a ranking."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import motet
from motet.model.assemble import build
from motet.model.predict import Predictor
from motet.model.shape import SharingShape
from motet.model.sharing.task_embedding import SHARED_FIRST, narrow
from motet.testing import tiny_in_memory
from motet.workflow import train


@pytest.fixture
def stem(study):
    """A model whose weights are moved away from where they start."""
    made = build(replace(study.shape, sharing=SharingShape("task_embedding")), seed=0)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))
    return made.eval()


def losses_of(model, batches, tensors):
    found = {}
    for batch in batches:
        found |= model.losses(batch, tensors)
    return found


def reaches(loss, module):
    found = torch.autograd.grad(loss, list(module.parameters()), retain_graph=True, allow_unused=True)
    return any(each is not None and bool(each.any()) for each in found)


@pytest.mark.parametrize(("width", "expected"), [(16, 8), (32, 8), (64, 16), (96, 24), (256, 64)])
def test_own_trunks_are_narrow(study, width, expected):
    own = narrow(replace(study.shape, width=width), "rating")
    assert (own.width, own.layers, own.heads) == (expected, 1, 1)
    assert set(own.tasks) == {"rating"} and set(own.views) == {study.shape.tasks["rating"].view}


def test_a_gradient_enters_the_shared_and_the_own_trunk_and_no_other(stem, batches, study):
    losses = losses_of(stem, batches, study.tensors)
    assert stem.sharing.others["buy"] == ("rating",)
    assert reaches(losses["buy"], stem.sharing.trunk)
    assert reaches(losses["buy"], stem.sharing.own_trunk("buy"))
    assert not reaches(losses["buy"], stem.sharing.own_trunk("rating"))


def test_another_tasks_trunk_is_read_forward(stem, batches, study):
    before = losses_of(stem, batches, study.tensors)
    with torch.no_grad():
        for parameter in stem.sharing.own_trunk("rating").parameters():
            parameter.mul_(2).add_(0.1)
    after = losses_of(stem, batches, study.tensors)
    assert not torch.equal(before["buy"], after["buy"]) and not torch.equal(before["rating"], after["rating"])
    assert torch.equal(before["sentiment"], after["sentiment"])


def test_gates_begin_with_the_shared_representation(study, batches):
    model = build(replace(study.shape, sharing=SharingShape("task_embedding")), seed=0).train()
    losses_of(model, batches, study.tensors)
    usage = model.sharing.gate_usage()
    assert usage["buy"]["shared"] == pytest.approx(SHARED_FIRST, abs=1e-5)
    assert usage["buy"]["own"] == usage["buy"]["rating"] == pytest.approx((1 - SHARED_FIRST) / 2, abs=1e-5)
    assert set(usage["next_item"]) == {"shared", "own", *model.sharing.others["next_item"]}


def test_a_rankings_score_is_one_product_of_a_user_and_an_item(stem, study, batches):
    """The parts by hand: users mixed by their gate, items added up, then one product."""
    (batch,) = (each for each in batches if any("next_item" in block.targets for block in each.blocks))
    block = next(block for block in batch.blocks if "next_item" in block.targets)
    batch = replace(batch, blocks=(block,))
    predictor = Predictor(stem, study.tensors)
    found = predictor.ranking_scores("next_item", replace(predictor.ranking_states("next_item", batch), recall=None))
    sharing, parts = stem.sharing, stem.sharing.private["next_item"]
    with torch.no_grad():
        shared, own = (stem.vectors(trunk, study.tensors) for trunk in (sharing.trunk, parts.trunk))
        items = shared + parts.added * own @ parts.own.weight.t()
        state = sharing.trunk(batch, study.tensors, shared)[0].history_nd
        mine = parts.own(parts.trunk(batch, study.tensors, own)[0].history_nd)
        peers = [
            parts.others[name](
                sharing.own_trunk(name)(batch, study.tensors, stem.vectors(sharing.own_trunk(name), study.tensors))[
                    0
                ].history_nd
            )
            for name in sharing.others["next_item"]
        ]
        share = parts.gate(state)
        users = sum(share[:, [place]] * each for place, each in enumerate([state, mine, *peers]))
        expected = users @ items[1:].t() + stem.head("next_item").bias
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
    assert not predictor.catalogue("next_item")[0].any()


def test_own_catalogues_are_made_once(stem, study):
    predictor = Predictor(stem, study.tensors)
    seen = predictor.catalogue("next_item")
    assert predictor.on(replace(study.tensors, profiles=None)).catalogue("next_item") is seen


def test_answers_are_the_models(stem, batches, study):
    for batch in batches:
        for block in batch.blocks:
            for task, target in block.targets.items():
                alone = replace(batch, blocks=(block,))
                found = Predictor(stem, study.tensors).answers(task, alone)
                wanted = stem.answers_to(task, alone, study.tensors)
                torch.testing.assert_close(found[torch.from_numpy(target.index_m)], wanted)


def test_what_is_packed_answers_for_users_and_items(tmp_path):
    settings = {"sharing": {"kind": "task_embedding"}}
    train(tiny_in_memory(tasks=("next_item", "buy", "rating"), settings=settings), tmp_path / "model")
    bundle = motet.load(tmp_path / "model", device="cpu")
    user, item = str(bundle.loaded.users.users[0]), str(bundle.loaded.catalogue.ids[0])
    assert len(bundle.recommend(user, k=5, weights={"buy": 1.0}).items) == 5
    found = bundle.predict("rating", users=[user], items=[item])[0].value
    assert found is not None and np.isfinite(found)
