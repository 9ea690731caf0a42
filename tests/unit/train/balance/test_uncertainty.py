import math

import pytest

from motet.schema import BalanceConfig
from motet.train.balance.uncertainty import RATE, STEEPEST, WIDEST, Uncertainty


def made(**weights):
    return Uncertainty({}, weights or {"a": 1.0}, BalanceConfig())


def test_the_first_steps_by_hand():
    balancer = made(a=3.0)
    assert balancer.weigh({"a": 0.2}) == {"a": 3.0}
    first = -RATE * (0.5 - 0.2)
    assert balancer.weigh({"a": 0.2})["a"] == pytest.approx(3 * math.exp(-first))
    second = first - RATE * (0.5 - math.exp(-first) * 0.2)
    assert balancer.state()["a"] == pytest.approx(second)


@pytest.mark.parametrize("loss", [0.05, 0.5, 4.0])
def test_a_steady_loss_settles_at_half_its_inverse(loss):
    balancer = made()
    for _ in range(5000):
        weight = balancer.weigh({"a": loss})["a"]
    assert weight == pytest.approx(1 / (2 * loss), rel=1e-3)


def test_no_batch_can_throw_it():
    balancer = made()
    balancer.weigh({"a": 1e9})
    assert balancer.state()["a"] == pytest.approx(RATE * STEEPEST)
    for _ in range(3000):
        balancer.weigh({"a": 0.0})
    assert balancer.state()["a"] == -WIDEST
