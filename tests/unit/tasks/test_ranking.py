import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from motet.tasks import target_ranks, top_items

SCORES = np.asarray([[0.1, 0.9, 0.5, 0.5], [0.0, 0.0, 0.0, 0.0]], np.float32)


def test_ranks_worked_by_hand():
    assert target_ranks(SCORES, np.asarray([2, 0])).tolist() == [2, 3]  # ties count against the target
    assert target_ranks(SCORES, np.asarray([1, -1])).tolist() == [0, 4]


def test_seen_items_leave_but_never_the_target():
    seen = [np.asarray([1, 1, 2]), np.asarray([0, -1])]
    assert target_ranks(SCORES, np.asarray([2, 3]), seen=seen).tolist() == [1, 2]


def test_no_number_is_the_last_place():
    scores = np.asarray([[np.nan, 1.0, np.nan], [np.nan, 1.0, 0.0]], np.float32)
    assert target_ranks(scores, np.asarray([0, 2])).tolist() == [2, 1]
    assert target_ranks(scores, np.asarray([0, 0]), seen=[np.asarray([1]), np.asarray([1, 2])]).tolist() == [1, 0]


@given(arrays(np.float32, (3, 6), elements=st.sampled_from([0.0, 0.5, 1.0, np.nan, -np.inf])), st.data())
def test_ranks_agree_with_counting(scores, data):
    target = np.asarray(data.draw(st.lists(st.integers(-1, 5), min_size=3, max_size=3)))
    seen = [np.asarray(data.draw(st.lists(st.integers(-1, 5), max_size=6)), np.int64) for _ in range(3)]
    clean = np.nan_to_num(scores, nan=-np.inf, neginf=-np.inf)
    for b in range(3):
        others = set(range(6)) - set(seen[b].tolist()) - {int(target[b])}
        expected = 6 if target[b] < 0 else sum(clean[b, j] >= clean[b, target[b]] for j in others)
        assert target_ranks(scores, target, seen=seen)[b] == expected


@given(arrays(np.float32, (2, 7), elements=st.sampled_from([0.0, 0.5, 1.0, np.nan])), st.integers(1, 9))
def test_top_items_go_by_score_then_index(scores, k):
    clean = np.nan_to_num(scores, nan=-np.inf)
    top = top_items(scores, k)
    for b in range(2):
        assert top[b].tolist() == sorted(range(7), key=lambda j: (-clean[b, j], j))[:k]


def test_top_items_leave_seen_ones_to_the_end():
    assert top_items(SCORES, 3, seen=[np.asarray([1]), np.asarray([0, 1])]).tolist() == [[2, 3, 0], [2, 3, 0]]


@pytest.mark.parametrize("shape", [(0, 4), (2, 0)])
def test_nothing_is_ranked_without_complaint(shape):
    scores = np.zeros(shape, np.float32)
    assert top_items(scores, 3).shape == (shape[0], min(3, shape[1]))
    assert len(target_ranks(scores, np.full(shape[0], -1))) == shape[0]
