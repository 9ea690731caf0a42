"""The standard error of a score: by hand for a mean, by agreement with theory elsewhere."""

import math

import numpy as np
import pytest

from motet.evaluate import standard_error

from ._make import at_random, make


def test_of_a_mean_it_is_that_of_the_units_means():
    # right, wrong, wrong, wrong: the mean is 1/4, and the sample's variance 1/4
    shares = np.eye(2)[[0, 1, 1, 1]]
    found = standard_error(make("class", score=shares, label=[0, 0, 0, 0]), metric="accuracy")
    assert found == pytest.approx(math.sqrt(0.25 / 4))


def test_several_questions_of_a_unit_are_asked_together():
    shares = np.eye(2)[[0, 0, 1, 1]]
    alone = standard_error(make("class", score=shares, label=[0, 0, 0, 0]), metric="accuracy")
    together = standard_error(make("class", score=shares, label=[0, 0, 0, 0], units="aabb"), metric="accuracy")
    # two units of two equal answers: the mean of two values 1 and 0, whose variance is 1/2
    assert together == pytest.approx(math.sqrt(0.5 / 2)) and together > alone


def test_an_area_under_the_curve_is_surer_with_more_rows():
    few, many = (standard_error(at_random("binary", n=n), metric="auc") for n in (60, 960))
    assert 0.02 < few < 0.12
    assert few / 8 < many < few / 2


def test_one_unit_tells_nothing():
    assert math.isnan(standard_error(make("class", score=[[1, 0]], label=[0]), metric="accuracy"))
    assert math.isnan(standard_error(make("binary", score=[0.2, 0.3], label=[0, 1], units="aa"), metric="auc"))


def test_a_metric_that_is_mostly_undefined_has_no_error():
    assert math.isnan(standard_error(make("binary", score=[0.2, 0.3, 0.4], label=[0, 0, 0]), metric="auc"))
