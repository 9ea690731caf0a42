"""The health of lists, worked out by hand."""

import numpy as np
import pytest

from motet.evaluate import list_health, long_tail
from motet.evaluate.lists import CLIP

from ._make import make

COUNT = np.array([80, 10, 6, 4, 0])


def ranked(top, rank, target):
    return make("ranking", rank_n=rank, top_nK=top, num_items=5, target_n=np.asarray(target, np.int64))


def test_everything_by_hand():
    vectors = np.array([[1, 0], [0, 1], [1, 0], [0, 1], [1, 0]], np.float32)
    found = list_health(ranked([[0, 1], [0, 2]], [0, 5], [0, 3]), COUNT, vectors, k=2)
    assert found["coverage@2"] == 3 / 5
    assert found["popularity@2"] == (80 + 10 + 80 + 6) / 4
    assert found["long_tail@2"] == 0.5, "item 0 alone is the head"
    assert found["novelty@2"] == pytest.approx(-np.log2(np.array([81, 11, 81, 7]) / 105).mean())
    assert found["diversity@2"] == pytest.approx(0.5), "one list of opposites, one of twins"
    assert found["gini@2"] == pytest.approx(np.abs(np.subtract.outer(s := np.array([2, 1, 1, 0, 0]), s)).mean() / 1.6)
    assert found["debiased_ndcg@2"] == pytest.approx(1 / (1 + 80 / 4)), "the hit weighs 1, the miss 20"


def test_a_hit_on_a_rare_item_weighs_more():
    rare, common = (list_health(ranked([[0, 1]] * 2, rank, [0, 3]), COUNT, k=2) for rank in ([5, 0], [0, 5]))
    assert rare["debiased_ndcg@2"] == pytest.approx(20 / 21) and rare["debiased_ndcg@2"] > common["debiased_ndcg@2"]


def test_weights_are_clipped_and_unknown_items_weigh_most():
    count = np.array([1_000_000, 1])
    found = list_health(
        make("ranking", rank_n=[0, 5, 5], top_nK=[[0]] * 3, num_items=2, target_n=[0, 1, -1]), count, k=1
    )
    assert found["debiased_ndcg@1"] == pytest.approx(1 / (1 + 2 * CLIP))


def test_the_long_tail_is_what_the_head_leaves():
    assert long_tail(COUNT).tolist() == [False, True, True, True, True]
    assert long_tail(np.array([5, 5, 5, 5])).tolist() == [False, False, False, False]
    assert not long_tail(np.zeros(0)).any()


def test_without_lists_or_vectors_nothing_is_made_up():
    empty = make("ranking", rank_n=np.zeros(0), top_nK=np.zeros((0, 2)), num_items=5)
    assert all(np.isnan(value) for value in list_health(empty, COUNT).values())
    assert np.isnan(list_health(ranked([[0, 1]], [0], [0]), COUNT, k=2)["diversity@2"])
