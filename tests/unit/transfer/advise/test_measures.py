import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.contingency import association

from motet.transfer.advise.facts import complementarity
from motet.transfer.advise.measures import binned, correlation, cramers_v, overlap, spearman

WORDS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=2, max_size=60)


def test_overlap_is_a_share_of_the_smaller_task():
    few, many = np.array(["u1", "u2", "u3", "u4"]), np.array(["u1", "u1", "u2", "u9", "u9"])
    assert overlap(few, many) == overlap(many, few) == 0.5
    assert overlap(np.array([], str), many) == 0.0


def test_complementarity_is_large_where_one_has_many_and_the_other_few():
    assert complementarity(10, 1000) == complementarity(1000, 10) == pytest.approx(0.99)
    assert complementarity(7, 7) == complementarity(0, 0) == 0.0


def test_labels_that_say_the_same_are_fully_related_and_strangers_are_not():
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 4, 4000), rng.integers(0, 30, 4000)
    assert cramers_v(one, np.array(list("wxyz"))[one]) == pytest.approx(1.0)
    draws = [rng.integers(0, 30, 4000) for _ in range(20)]
    assert np.mean([cramers_v(one, draw) for draw in draws]) < 0.03
    table = np.histogram2d(one, other, bins=(4, 30))[0].astype(int)
    assert association(table, method="cramer") > 0.07, "uncorrected, many values look related by chance"


def test_cramers_v_of_a_table_by_hand():
    # 2 × 2 with φ² = (40·40 − 10·10)² / 50⁴ = .36; n = 100, so the correction takes off 1/99 twice
    one = np.repeat([0, 0, 1, 1], [40, 10, 10, 40])
    other = np.repeat([0, 1, 0, 1], [40, 10, 10, 40])
    assert cramers_v(one, other) == pytest.approx(((0.36 - 1 / 99) / (2 - 1 / 99 - 1)) ** 0.5)


@given(WORDS)
def test_cramers_v_is_a_share_and_knows_no_order(pairs):
    one, other = (np.array(each) for each in zip(*pairs, strict=True))
    assert 0.0 <= cramers_v(one, other) <= 1.0
    assert cramers_v(one, other) == pytest.approx(cramers_v(other, one), abs=1e-6)


def test_ranks_count_not_sizes():
    value = np.linspace(1, 3, 40)
    assert spearman(value, np.exp(value)) == pytest.approx(1.0)
    assert spearman(value, -(value**3)) == pytest.approx(-1.0)
    assert spearman(value, np.ones(40)) == 0.0


def test_bins_have_about_equal_mass_and_keep_ties_together():
    part = binned(np.arange(100.0))
    assert np.bincount(part).tolist() == [10] * 10
    skewed = binned(np.array([0.0] * 90 + [1.0] * 10))
    assert len(np.unique(skewed)) == 2 and len(set(skewed[:90])) == 1


def test_the_measure_follows_the_labels():
    rng = np.random.default_rng(1)
    number = rng.normal(size=400)
    word = np.where(number > 0, "high", "low")
    assert correlation(number, 2 * number, numbers=(True, True)) == (pytest.approx(1.0), "spearman")
    mixed = correlation(number, word, numbers=(True, False))
    assert mixed is not None and mixed[1] == "cramer_v" and mixed[0] > 0.9
    assert correlation(number[:29], number[:29], numbers=(True, True)) is None, "too few to tell"
