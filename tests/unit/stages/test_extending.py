import numpy as np
import polars as pl
import pytest
import torch
from scipy import sparse

from motet.features.memory import Memory
from motet.stages.answer import answer, questions_of_role
from motet.stages.arms import new_model
from motet.stages.extending import extended, grown_memory, places_of


def test_places_are_those_in_the_old_catalogue():
    assert places_of(pl.Series(["a", "b", "c"]), pl.Series(["c", "a"])).tolist() == [1, -1, 0]


@pytest.mark.parametrize("kind", ["shared_bottom", "valve"])
def test_what_was_learned_of_an_item_goes_with_it(study, kind):
    from dataclasses import replace

    shape = replace(study.shape, sharing=replace(study.shape.sharing, kind=kind))
    model = new_model(study, shape, seed=3)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    size = shape.num_items
    old_I = np.concatenate([[-1], np.arange(size)[::-1]])  # a new item first, all others in another order
    grown = extended(model, old_I, seed=0)
    table, other = (
        next(v for k, v in each.state_dict().items() if k.endswith("items.delta.weight")) for each in (model, grown)
    )
    assert other.shape[0] == size + 2
    assert torch.equal(other[0], table[0])
    assert torch.equal(other[1], torch.zeros_like(other[1]))
    assert torch.equal(other[2], table[size]) and torch.equal(other[size + 1], table[1])
    bias = next(name for name in model.state_dict() if name.endswith(".bias") and len(model.state_dict()[name]) == size)
    assert torch.equal(grown.state_dict()[bias][1:], model.state_dict()[bias].flip(0))


def test_the_same_catalogue_gives_the_same_answers(study, model):
    grown = extended(model, np.arange(study.shape.num_items), seed=9)
    for task in study.shape.judged:
        chosen = questions_of_role(study, task, "valid")
        one, other = (answer(study, each.eval(), task, chosen) for each in (model, grown))
        if one.rank_n is not None:
            np.testing.assert_array_equal(one.rank_n, other.rank_n)
        else:
            np.testing.assert_array_equal(one.score, other.score)


def test_a_memory_moves_with_its_items_and_new_ones_follow_nothing():
    count = sparse.csr_array(np.array([[0.0, 2.0], [3.0, 0.0]], np.float32))
    grown = grown_memory(Memory(count, np.array([2.0, 3.0], np.float32), count), np.array([1, -1, 0]))
    assert grown.count_II.toarray().tolist() == [[0, 0, 3], [0, 0, 0], [2, 0, 0]]
    assert grown.total_I.tolist() == [3, 0, 2]
    assert grown_memory(None, np.array([0])) is None
