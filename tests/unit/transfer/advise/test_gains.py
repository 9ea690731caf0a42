import math

import pytest

from motet.transfer.advise.gains import MOST, Gain, relative_gains


def look(own_a, own_b, a_to_b, b_to_a):
    return {"a": {"a": own_a, "b": a_to_b}, "b": {"b": own_b, "a": b_to_a}}


def test_gains_are_parts_of_a_tasks_own_step():
    found = relative_gains([look(0.10, 0.02, 0.005, -0.05), look(0.10, 0.02, 0.015, -0.05)])
    assert found["a", "b"].value == pytest.approx(0.5) and found["b", "a"].value == pytest.approx(-0.5)
    assert found["a", "b"].error == pytest.approx(0.25), "half the distance of two looks, over .02"
    assert set(found) == {("a", "b"), ("b", "a")}


def test_a_task_that_gains_next_to_nothing_by_itself_does_not_blow_others_up():
    found = relative_gains([look(0.10, 0.0, 0.01, 0.0)] * 2)
    assert found["a", "b"].value == pytest.approx(min(MOST, 0.01 / (0.1 * 0.05)))


def test_a_noisy_own_step_is_measured_by_its_noise():
    found = relative_gains([look(0.1, 0.1, 0.05, 0.0), look(0.1, -0.1, 0.05, 0.0)])
    assert found["a", "b"].value == pytest.approx(0.05 / 0.1)


def test_clear_is_beyond_noise_and_large_enough():
    assert Gain(-0.5, 0.1).harms and Gain(0.5, 0.1).helps
    assert not Gain(-0.5, 0.2).harms and not Gain(-0.05, 0.0).harms and not Gain(0.5, math.inf).helps
    assert not Gain().known and not Gain().harms and not Gain().helps


def test_one_look_is_no_evidence():
    found = relative_gains([look(0.1, 0.1, 0.1, -0.1)])
    assert found["b", "a"].value == pytest.approx(-1.0) and not found["b", "a"].harms
