import math
from dataclasses import replace

import numpy as np
import pytest

from motet.evaluate import compare_folds, spread_over_folds

from ._make import make


def off_by(*errors):
    return make("number", score=list(errors), label=np.zeros(len(errors)))


def test_mean_and_interval_by_hand():
    # Values 1, 2, 3: mean 2, s² = 1; with n_test / n_train = 1/2 the variance is 1/3 + 1/2; t of 2 degrees is 4.302653.
    found = spread_over_folds([1.0, 2.0, 3.0], 0.5)
    assert (found.mean, found.variance, found.degrees) == (2.0, pytest.approx(5 / 6), 2)
    half = 4.30265273 * math.sqrt(5 / 6)
    assert found.interval() == (pytest.approx(2 - half), pytest.approx(2 + half))


def test_undefined_folds_are_left_out():
    assert spread_over_folds([1.0, math.nan, 3.0], 0.5).mean == 2.0
    assert all(math.isnan(bound) for bound in spread_over_folds([1.0, math.nan], 0.5).interval())
    assert math.isnan(spread_over_folds([math.nan], 0.5).mean)


def test_a_difference_by_hand_over_questions_that_differ():
    joint = [off_by(1, 1), off_by(2, 2, 2), off_by(3)]
    twin = [off_by(2, 2), off_by(4, 4, 4), off_by(6)]  # errs more by 1, 2 and 3
    found = compare_folds(joint, twin, ratio=0.5)
    assert (found.twin, found.joint, found.difference) == (4.0, 2.0, 2.0)
    assert found.standard_error == pytest.approx(math.sqrt(5 / 6)) and found.degrees == 2
    assert (found.questions, found.seeds) == (6, 3)


def test_users_of_both_sides_of_pairs_are_counted_once_a_fold():
    def about_pairs(*errors):
        first, second = np.array(["ann", "bob", "cid"]), np.array(["dan", "ann", "bob"])
        return replace(off_by(*errors), unit_n=first[: len(errors)], other_n=second[: len(errors)])

    joint, twin = [about_pairs(1, 1, 1), about_pairs(2, 2)], [about_pairs(2, 3, 1), about_pairs(4, 4)]
    found = compare_folds(joint, twin, ratio=0.5)
    assert found.units == len({"ann", "bob", "cid", "dan"}) + len({"ann", "bob", "dan"})


def test_the_same_answers_do_not_differ():
    same = [off_by(1, 2), off_by(3)]
    found = compare_folds(same, same, ratio=0.5)
    assert (found.difference, found.standard_error) == (0, 0)


def test_within_a_fold_questions_are_the_same():
    with pytest.raises(AssertionError, match="same questions"):
        compare_folds([off_by(1, 2)], [off_by(1)], ratio=0.5)
