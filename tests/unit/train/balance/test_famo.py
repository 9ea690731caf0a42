import math

import pytest

from motet.schema import BalanceConfig
from motet.train.balance.famo import DECAY, FLOOR, RATE, Famo


def made(**weights):
    weights = weights or {"a": 1.0, "b": 1.0}
    return Famo(dict.fromkeys(weights, 1.0), weights, BalanceConfig())


def test_at_first_every_loss_pulls_by_its_logarithm():
    assert made().weigh({"a": 3.0, "b": 1.0}) == pytest.approx({"a": 0.5, "b": 1.5})
    assert made(a=2.0, b=1.0).weigh({"a": 3.0, "b": 1.0}) == pytest.approx({"a": 1.0, "b": 1.5})


def test_the_logits_move_against_the_fall_of_the_log_loss():
    balancer = made()
    balancer.weigh({"a": 4.0, "b": 2.0})
    found = balancer.weigh({"a": 2.0, "b": 2.0})
    fall = math.log(2)
    a, b = -RATE * 0.5 * (fall - fall / 2), -RATE * 0.5 * (0 - fall / 2)
    assert balancer.state()["logits"] == pytest.approx({"a": a, "b": b})
    share = math.exp(a) / (math.exp(a) + math.exp(b))
    assert found["a"] == pytest.approx(2 * share) and found["a"] < 1 < found["b"]
    balancer.weigh({"a": 2.0, "b": 2.0})
    assert balancer.state()["logits"]["a"] == pytest.approx(a * (1 - RATE * DECAY))


def test_the_task_that_stands_still_gains_weight():
    balancer = made()
    for step in range(60):
        found = balancer.weigh({"a": 2.0 * 0.98**step, "b": 1.0})
    pull = {"a": found["a"] * 2.0 * 0.98**59, "b": found["b"]}
    assert pull["b"] > 1.01 * pull["a"]


def test_a_solved_task_does_not_take_all_the_weight():
    assert made().weigh({"a": 1e-12, "b": 1.0}) == pytest.approx({"a": 2 / (1 + FLOOR), "b": 2 * FLOOR / (1 + FLOOR)})
