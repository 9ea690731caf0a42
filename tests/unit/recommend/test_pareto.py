"""Fronts, knees and weightings, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from motet.recommend.pareto import Cached, front, judge, knee, means, told, weightings

P = np.array([[[0.5, 0.3, 0.2, 0.01]], [[0.1, 0.9, 0.4, 0.99]]])


def cached(target=1, real=(True, True, True, False)):
    return Cached(("next", "buy"), np.log(P).astype(np.float32), np.array([real]), np.array([target]), "next")


def test_a_weighting_is_judged_by_its_list():
    assert judge(cached(), np.array([1.0, 0.0]), k=2).tolist()[0] == pytest.approx([1 / np.log2(3), 0.5])
    assert judge(cached(), np.array([0.0, 1.0]), k=1).tolist()[0] == pytest.approx([1.0, 0.9]), "padding is no item"
    assert judge(cached(target=-1), np.array([1.0, 0.0]), k=9).tolist()[0] == pytest.approx([0, (0.1 + 0.9 + 0.4) / 3])
    assert cached().of(np.array([0, 0])).target_U.tolist() == [1, 1]


def test_popularity_counts_and_users_may_differ_in_weights():
    many = cached().of(np.array([0, 0]))
    each = judge(many, np.array([[1.0, 0.0], [0.0, 1.0]]), k=1)
    assert each[:, 1].tolist() == pytest.approx([0.1, 0.9]) and each[:, 0].tolist() == [0.0, 1.0]
    against_first = np.array([[1.0, 0.0, 0.0, 0.0]], np.float32)
    penalised = replace(cached(), penalty_Un=against_first)
    assert judge(penalised, np.array([1.0, 0.0]), k=1).tolist()[0] == pytest.approx([1.0, 0.9])
    assert judge(penalised.of(np.array([0])), np.array([9.0, 0.0]), k=1).tolist()[0] == pytest.approx([0.0, 0.1])


def test_the_front_is_what_nothing_beats():
    value = np.array([[1, 0], [0, 1], [0.5, 0.5], [0.4, 0.5], [1, 0]])
    assert front(value).tolist() == [True, True, True, False, True]
    bent = np.array([[1, 0], [0, 1], [0.8, 0.8], [0.9, 0.5]])
    assert knee(bent) == 2


def test_weightings_hold_the_corners_and_sum_to_one():
    found = weightings(3, 256)
    assert found.shape == (256, 3) and np.allclose(found.sum(axis=1), 1) and (found >= 0).all()
    assert np.array_equal(found[:3], np.eye(3)) and np.array_equal(found, weightings(3, 256))
    near = weightings(3, 50, around=np.array([0.8, 0.1, 0.1]))
    assert np.abs(near.mean(axis=0) - [0.8, 0.1, 0.1]).max() < 0.1


def test_raising_a_weight_never_lowers_its_objective():
    rng = np.random.default_rng(0)
    log_p = np.log(rng.random((2, 20, 30))).astype(np.float32)
    many = Cached(("a", "b"), log_p, np.ones((20, 30), bool), np.full(20, -1), None)
    order = np.argsort(-(np.tensordot([1.0, 0.0], log_p, axes=1)), axis=1)[:, :5]
    previous = np.take_along_axis(log_p[1], order, 1).mean(axis=1)
    for weight in (0.2, 1.0, 5.0):
        order = np.argsort(-(np.tensordot([1.0, weight], log_p, axes=1)), axis=1)[:, :5]
        own = np.take_along_axis(log_p[1], order, 1).mean(axis=1)
        assert (own >= previous - 1e-6).all()
        previous = own
    assert means(many, np.array([[1.0, 5.0]]), k=5).shape == (1, 2)


def test_weights_are_told_against_the_ranking():
    assert told(np.array([0.5, 0.25]), ("next", "buy"), "next") == {"next": 1.0, "buy": 0.5}
    assert told(np.array([0.0, 0.25]), ("next", "buy"), "next") == {"next": 0.0, "buy": 1.0}
