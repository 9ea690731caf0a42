"""Maps that keep order, come back from JSON as they were, and refuse to fall."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.errors import ArtifactError
from motet.recommend.calibrated import NONE, Calibration, Curve, Interval, log_odds, signed_log

STEP = Curve((-2.0, 0.0, 3.0), (-1.0, 0.5, 1.0), (0.5, 2.0))


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=30))
def test_a_curve_keeps_order(odds):
    order = np.argsort(odds, kind="stable")
    assert (np.diff(STEP(np.array(odds))[order]) >= 0).all()


def test_a_curve_by_hand():
    found = STEP(np.array([-4.0, -2.0, -1.0, 0.0, 3.0, 5.0]))
    assert found.tolist() == [-2.0, -1.0, -0.25, 0.5, 1.0, 5.0]


@pytest.mark.parametrize("x, y, ends", [((0.0, 1.0), (1.0, 0.5), (1, 1)), ((0.0,), (0.0,), (0, 1)), ((), (), (1, 1))])
def test_a_curve_that_does_not_rise_is_refused(x, y, ends):
    with pytest.raises(ArtifactError, match="rise"):
        Curve(x, y, ends)


def test_probabilities_go_through_the_log_odds():
    doubled = Calibration("platt", curves=(Curve(ends=(2.0, 2.0)),))
    p = np.array([0.0, 0.2, 0.5, 0.8, 1.0, np.nan])
    found = doubled.probability(p)
    assert found[2] == 0.5 and np.isnan(found[5])
    assert np.allclose(found[1], 0.2**2 / (0.2**2 + 0.8**2)), "odds squared"
    assert 0 <= found[0] < 1e-9 and found[4] > 1 - 1e-9
    assert np.array_equal(NONE.probability(p[:5]), p[:5])


def test_curves_are_joined_by_the_lower_or_the_higher():
    up, down = Curve((0.0,), (1.0,)), Curve((0.0,), (-1.0,))
    p = np.array([0.3, 0.6])
    low, high = (Calibration("platt", curves=(up, down), join=join).probability(p) for join in ("min", "max"))
    assert np.allclose(log_odds(low), log_odds(p) - 1) and np.allclose(log_odds(high), log_odds(p) + 1)


def test_a_temperature_flattens_and_keeps_the_order():
    p = np.array([[0.7, 0.2, 0.1], [0.0, 0.5, 0.5]])
    found = Calibration("temperature", 2.0).distribution(p)
    root = np.sqrt(p[0])
    assert np.allclose(found[0], root / root.sum()) and np.allclose(found.sum(axis=1), 1)
    assert found[0].argmax() == 0 and found[1, 0] < 1e-9


def test_intervals_in_units_and_in_logarithms():
    low, high = Interval(0.9, -1.0, 2.0, bounds=(1.0, 5.0)).around(np.array([1.5, 4.0]))
    assert low.tolist() == [1.0, 3.0] and high.tolist() == [3.5, 5.0]
    low, high = Interval(0.9, -0.5, 0.5, log=True).around(np.array([0.0, 9.0]))
    assert low[0] == 0.0 and np.isclose(high[1], 10 * np.exp(0.5) - 1)
    assert np.isclose(signed_log(np.array(-9.0)), -np.log(10))


def test_json_and_back():
    whole = Calibration("isotonic", 1.5, (STEP,), "max", Interval(0.8, -1.0, 1.0, True, (1.0, 5.0)), 7, 0.5, 0.4)
    assert Calibration.from_json(json.loads(json.dumps(whole.to_json()))) == whole
    assert Calibration.from_json(json.loads(json.dumps(NONE.to_json()))) == NONE


@pytest.mark.parametrize("change", [{"temperature": 0}, {"curves": [{"x": [0]}]}, {"extra": 1}, {"interval": 3}])
def test_what_is_no_map_is_refused(change):
    with pytest.raises(ArtifactError):
        Calibration.from_json({**NONE.to_json(), **change})
