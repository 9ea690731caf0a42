"""Pairs of users: the trunk's bilinear form, the head's own numbers, and what serving knows of a pair."""

import numpy as np
import pytest
import torch

from motet.features.pairs import PAIR_NUMBERS
from motet.model.acquaintance import acquaintance
from motet.model.heads import head_name
from motet.model.heads.relation import RelationHead
from motet.model.predict import Predictor
from motet.model.shape import ColumnShape, ModelShape, SharingShape, TaskShape, ViewShape
from motet.model.trunk import State
from motet.model.trunk.pair import Pair
from motet.recommend.port import History
from motet.recommend.relations import Relations
from motet.tasks.relation import ODDS

NONE = ColumnShape()


@pytest.mark.parametrize("directed", [False, True])
def test_the_product_is_a_bilinear_form(directed):
    torch.manual_seed(0)
    pair = Pair(6, directed=directed)
    a, b, weight = torch.randn(5, 6), torch.randn(5, 6), torch.randn(6)
    _, product = pair(a, b)
    form = pair.first.weight.t() @ torch.diag(weight) @ pair.second.weight
    assert torch.allclose(product @ weight, torch.einsum("nd,de,ne->n", a, form, b), atol=1e-5)
    back = pair(b, a)
    assert all(torch.allclose(*each) for each in zip(pair(a, b), back, strict=True)) != directed
    assert torch.allclose(form, form.t(), atol=1e-6) != directed


def test_an_undirected_model_answers_both_directions_alike(study, model):
    predictor = Predictor(model, study.tensors)
    found = []
    for _, batches in study.plan.epoch(0, 0, ["friend"]):
        for batch in batches:
            (block,) = batch.blocks
            turned = type(block)(**{**vars(block), "state_n": block.other_state_n, "other_state_n": block.state_n})
            there, back = (
                predictor.answers("friend", type(batch)(batch.segments, (each,))) for each in (block, turned)
            )
            assert torch.allclose(there, back, atol=1e-5)
            found.append(there)
    assert torch.cat(found).std() > 0.01


def head():
    task = TaskShape("v", "binary", 1, (), 1.0, 1.0)
    view = ViewShape(("history", "other"), NONE, 0, {}, pairs=3)
    shape = ModelShape(8, 1, 2, 10, 0.0, SharingShape(), 4, 0, NONE, 0, NONE, NONE, {"v": view}, {"t": task})
    assert head_name(task, shape) == "relation"
    torch.manual_seed(0)
    return RelationHead(task, shape).eval()


def test_numbers_of_a_pair_are_silent_at_the_start_and_learn():
    made, z_nd = head(), torch.zeros(64, 8)
    known = torch.randn(64, 3, generator=torch.Generator().manual_seed(0))
    state = State("v", z_nd, None, None, {}, pair_nF=known)
    assert torch.equal(made.scores(z_nd, state, None), made.scores(z_nd, State("v", z_nd, None, None, {}), None))
    optimizer = torch.optim.Adam(made.parameters(), lr=0.05)
    label = (known[:, 1] > 0).float()
    for _ in range(80):
        optimizer.zero_grad()
        made.loss(z_nd, state, label, None).backward()
        optimizer.step()
    right = (made.scores(z_nd, state, None) > 0).float() == label
    assert right.float().mean() > 0.9


def test_answers_allow_for_the_strangers_that_training_adds():
    made = head()
    z_nd = torch.zeros(500, 8)
    state, label = State("v", z_nd, None, None, {}), (torch.arange(500) % 5 == 0).float()
    optimizer = torch.optim.Adam(made.parameters(), lr=0.05)
    for _ in range(100):
        optimizer.zero_grad()
        made.loss(z_nd, state, label, None).backward()
        optimizer.step()
    assert ODDS == 4  # one pair among five: as likely as not, where strangers are as many as pairs
    assert float(made.answer(made.scores(z_nd, state, None))[0].detach()) == pytest.approx(0.5, abs=0.02)


def test_serving_counts_paths_as_training_did():
    import polars as pl

    rows = [("f", "ann", "bob"), ("f", "bob", "cyd"), ("g", "ann", "cyd")]
    known = acquaintance(Relations(pl.DataFrame(rows, schema=["relation", "user", "other"], orient="row")), "f",
                         directed=False)  # fmt: skip
    had = [History(np.array(items, np.int32)) for items in ([0, 1], [], [0, 1], [2])]
    numbers = known.numbers([("ann", "cyd"), ("ann", "nobody")], had, np.array([5, 1, 2]))
    assert numbers.shape == (2, PAIR_NUMBERS)
    assert np.expm1(numbers[0, 0]) == pytest.approx(1) and numbers[1, 0] == 0  # ann - bob - cyd
    assert numbers[0, 11] == pytest.approx(1) and numbers[1, 11] == 0


def test_a_relation_without_pairs_is_no_trouble():
    had = [History(np.zeros(0, np.int32))] * 2
    numbers = acquaintance(Relations.empty(), "f", directed=True).numbers([("a", "b")], had, np.array([1]))
    assert not numbers[0, :13].any()
