"""Variances over pairs of users: by hand, against formulas of simpler cases, and never below them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from motet.evaluate import compare, standard_error, subset
from motet.evaluate.paired import clustered_variance
from motet.evaluate.pairs import Sides, sides_of, variance_over_pairs
from motet.testing.pairs import PairWorld, coverage

from ._make import at_random, make


def sides(first, second):
    first, second = np.asarray(first), np.asarray(second)
    users = int(max(first.max(), second.max())) + 1
    return Sides(first, second, users, min(len(np.unique(first)), len(np.unique(second))))


def about_pairs(found, users=40, seed=3):
    pair_n2 = np.random.default_rng(seed).integers(0, users, (len(found), 2))
    pair_n2[:, 1] = (pair_n2[:, 0] + 1 + pair_n2[:, 1] % (users - 1)) % users
    return replace(found, unit_n=pair_n2[:, 0].astype(str), other_n=pair_n2[:, 1].astype(str))


def test_by_hand_over_a_ring_of_four():
    # a-b, b-c, c-d, d-a with influences 3, 1, -1, -3: users' sums 0, 4, 0, -4; each user is in half of the questions
    found = variance_over_pairs(np.array([3.0, 1, -1, -3]), sides([0, 1, 2, 3], [1, 2, 3, 0]))
    assert found == pytest.approx((4**2 + 4**2) / (1 - 0.5) ** 2 - (9 + 1 + 1 + 9))


def test_it_is_the_sum_over_all_questions_that_share_a_user():
    rng = np.random.default_rng(0)
    first_n, second_n = rng.integers(0, 400, 600), rng.integers(400, 1000, 600)
    second_n[::2] = rng.permutation(400)[:300]  # half of the second users are also first ones
    first_n[first_n == second_n] = 999
    taste_U = rng.normal(size=1000)
    value_n = taste_U[first_n] + taste_U[second_n] + rng.normal(size=600)
    influence_n = (value_n - value_n.mean()) / 600
    shared_nn = np.zeros((600, 600), bool)
    for one in (first_n, second_n):
        for other in (first_n, second_n):
            shared_nn |= one[:, None] == other[None]
    expected = influence_n @ shared_nn @ influence_n
    # no user is in more than a few of 600 questions, so that leaving one out changes little
    assert variance_over_pairs(influence_n, sides(first_n, second_n)) == pytest.approx(expected, rel=0.02)


def test_the_same_two_users_asked_twice_are_one_pair_in_either_order():
    influence_n = np.array([2.0, 1, -2, -1])
    one = variance_over_pairs(influence_n, sides([0, 0, 2, 4], [1, 1, 3, 5]))
    other = variance_over_pairs(influence_n, sides([0, 1, 2, 4], [1, 0, 3, 5]))
    of_users = 2 * ((3 / 0.5) ** 2 + (2 / 0.75) ** 2 + (1 / 0.75) ** 2)
    assert one == other == pytest.approx(of_users - (9 + 4 + 1))


@pytest.mark.parametrize("seed", range(20))
def test_it_is_never_below_either_side_alone_nor_the_pairs(seed):
    rng = np.random.default_rng(seed)
    first_n, second_n = rng.integers(0, 12, 60), rng.integers(12, 24, 60)
    taste_U = rng.normal(size=24)
    value_n = taste_U[first_n] - taste_U[second_n - 12 * (seed % 2)] + rng.normal(size=60)
    found = variance_over_pairs((value_n - value_n.mean()) / 60, sides(first_n, second_n))
    pair_n = np.unique(first_n * 24 + second_n, return_inverse=True)[1]
    alone = [clustered_variance(value_n, first_n), clustered_variance(value_n, second_n - 12)]
    assert found >= max(alone) * (1 - 1e-12)
    assert found >= clustered_variance(value_n, pair_n) * (len(np.unique(pair_n)) - 1) / len(np.unique(pair_n))


def test_what_tells_nothing_of_other_users_has_no_variance():
    assert math.isnan(variance_over_pairs(np.zeros(0), Sides(np.zeros(0, int), np.zeros(0, int), 0, 0)))
    assert math.isnan(variance_over_pairs(np.array([1.0, -1]), sides([0, 0], [1, 2])))
    # one user, now first and now second, is in every question
    assert math.isnan(variance_over_pairs(np.array([1.0, -1]), sides([0, 1], [2, 0])))


def test_questions_that_do_not_count_leave_no_trace():
    influence_n = np.array([3.0, np.nan, 1, -1, -3])
    with_gap = variance_over_pairs(influence_n, sides([0, 0, 1, 2, 3], [1, 9, 2, 3, 0]))
    assert with_gap == variance_over_pairs(influence_n[[0, 2, 3, 4]], sides([0, 1, 2, 3], [1, 2, 3, 0]))


def test_users_of_both_sides_are_one_population():
    some = make("binary", score=[0.1, 0.6, 0.3], label=[0, 1, 1], units=["ann", "bob", "ann"])
    found = sides_of(replace(some, other_n=np.array(["bob", "cid", "dan"])))
    assert found is not None and found.users == 4 and found.fewer == 2
    assert found.first_n.tolist() == [0, 1, 0] and found.second_n.tolist() == [1, 2, 3]
    assert sides_of(some) is None


@pytest.mark.parametrize("metric", ["auc", "log_loss", "macro_f1"])
def test_a_comparison_over_pairs(metric):
    joint, twin = ([about_pairs(at_random("binary", n=300, seed=s + 9 * arm)) for s in range(2)] for arm in (0, 1))
    found, plain = compare(joint, twin, metric=metric), compare(*bare(joint, twin), metric=metric)
    assert (found.joint, found.twin, found.difference) == (plain.joint, plain.twin, plain.difference)
    assert found.units == 40 and found.seeds == 2
    assert found.unit_variance > 0 and math.isfinite(found.standard_error)
    with pytest.raises(AssertionError, match="same pairs"):
        compare(joint, [replace(each, other_n=each.other_n[::-1]) for each in twin])
    with pytest.raises(AssertionError, match="same pairs"):
        compare(joint, bare(twin)[0])


def bare(*arms):
    return [[replace(each, other_n=None) for each in arm] for arm in arms]


@pytest.mark.parametrize("metric", ["auc", "log_loss", "precision"])
def test_where_nobody_is_asked_about_twice_it_is_the_variance_over_questions(metric):
    joint, twin = (at_random("binary", n=800, seed=s) for s in (1, 2))
    strangers = np.array([f"other {n}" for n in range(800)])
    plain = compare([joint], [twin], metric=metric, replicates=2000)
    found = compare([replace(joint, other_n=strangers)], [replace(twin, other_n=strangers)], metric=metric)
    assert math.sqrt(found.unit_variance) == pytest.approx(math.sqrt(plain.unit_variance), rel=0.06)
    assert found.units == 1600 and found.degrees == pytest.approx(plain.degrees) == pytest.approx(799)


def test_degrees_of_freedom_go_by_the_side_with_fewer_users():
    joint, twin = (at_random("binary", n=60, seed=s) for s in (1, 2))
    few, many = np.arange(60).astype(str), np.array([f"few {n % 5}" for n in range(60)])
    one, other = ([replace(each, unit_n=few, other_n=many)] for each in (joint, twin))
    assert compare(one, other).degrees == pytest.approx(4) and compare(one, other).units == 65


def test_a_score_over_pairs_is_less_sure_than_over_their_first_users():
    rng = np.random.default_rng(0)
    pair_n2 = rng.integers(0, 60, (900, 2))
    pair_n2 = pair_n2[pair_n2[:, 0] != pair_n2[:, 1]]
    error_n = np.abs(rng.normal(5, 1, 60)[pair_n2].sum(axis=1))
    some = make("number", score=error_n, label=np.zeros(len(error_n)), units=pair_n2[:, 0])
    both = replace(some, other_n=pair_n2[:, 1].astype(str))
    assert standard_error(both, metric="mae") > 1.2 * standard_error(some, metric="mae")
    undefined = replace(both, output="binary", label=np.zeros(len(error_n), np.float32))
    assert math.isnan(standard_error(undefined, metric="auc"))


def test_a_subset_keeps_both_users():
    some = about_pairs(at_random("binary"))
    half = subset(some, np.arange(60) % 2 == 0)
    assert np.array_equal(half.other_n, some.other_n[::2]) and len(half.other_n) == len(half.unit_n) == 30


@pytest.mark.parametrize(("metric", "busy"), [("auc", 0.0), ("log_loss", 0.0), ("log_loss", 1.0)])
def test_coverage_is_near_95_for_pairs(metric, busy):
    """benchmarks/coverage.py in small; two standard errors of 250 draws are .03."""
    world = PairWorld(users=120, questions=480, metric=metric, busy=busy)
    held, _ = coverage(world, seeds=2, draws=250, rng=np.random.default_rng(2))
    assert 0.91 < held < 0.99


def test_first_users_alone_would_not_do():
    world = PairWorld(users=120, questions=480, metric="log_loss", both=False)
    held, _ = coverage(world, seeds=2, draws=250, rng=np.random.default_rng(2))
    assert held < 0.86
