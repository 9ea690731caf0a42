import math

import pytest

from motet.schema import BalanceConfig
from motet.train.balance.dwa import FASTEST, TEMPERATURE, WINDOW, DynamicWeightAverage


def after(*windows, weights=None):
    """The weights after whole windows of constant losses."""
    balancer = DynamicWeightAverage({}, weights or {"a": 1.0, "b": 1.0}, BalanceConfig())
    found = {}
    for losses in windows:
        for _ in range(WINDOW):
            found = balancer.weigh(losses)
    return found


def test_all_count_alike_until_two_windows_are_full():
    assert after({"a": 5.0, "b": 1.0}) == pytest.approx({"a": 1.0, "b": 1.0})


def test_a_slowly_falling_loss_counts_more():
    found = after({"a": 4.0, "b": 1.0}, {"a": 2.0, "b": 0.9})
    a, b = math.exp(0.5 / TEMPERATURE), math.exp(0.9 / TEMPERATURE)
    assert found == pytest.approx({"a": 2 * a / (a + b), "b": 2 * b / (a + b)})


def test_the_projects_weights_multiply():
    windows = ({"a": 4.0, "b": 1.0}, {"a": 2.0, "b": 0.9})
    assert after(*windows, weights={"a": 3.0, "b": 1.0})["a"] == pytest.approx(3 * after(*windows)["a"])


def test_only_the_last_two_windows_count():
    last = ({"a": 4.0, "b": 1.0}, {"a": 2.0, "b": 0.9})
    assert after({"a": 77.0, "b": 1.0}, *last) == pytest.approx(after(*last))


def test_a_loss_that_shoots_up_does_not_silence_the_others():
    found = after({"a": 1e-9, "b": 1.0}, {"a": 1e9, "b": 1.0})
    assert found["b"] > 0.5 * math.exp(-(FASTEST - 1) / TEMPERATURE)
