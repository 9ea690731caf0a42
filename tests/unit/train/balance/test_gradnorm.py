import math

import pytest
import torch

from motet.schema import BalanceConfig
from motet.train.balance.gradnorm import RATE, GradNorm

CONSTANTS = {"a": 1.0, "b": 2.0}


def made(*, strength=None, **weights):
    return GradNorm(CONSTANTS, weights or {"a": 1.0, "b": 1.0}, BalanceConfig(strength=strength))


def lengths(*norms):
    return torch.diag(torch.tensor(norms) ** 2)


def test_the_first_step_by_hand():
    balancer = made(strength=1.0)
    assert balancer.weigh({"a": 0.5, "b": 3.0}) == {"a": 1.0, "b": 1.0}
    assert balancer.share(lengths(3.0, 1.0), ["a", "b"]) == {"a": 1.0, "b": 1.0}
    # mean norm 2: a is 1.5 long and should be .5/1 = .5; b is .5 long and should be 1.5/1
    a, b = math.exp(-RATE * 1.5), math.exp(RATE * 0.5)
    assert balancer.weigh({"a": 0.5, "b": 3.0}) == pytest.approx({"a": 2 * a / (a + b), "b": 2 * b / (a + b)})


def test_gradients_of_tasks_that_learn_alike_become_equally_long():
    balancer = made()
    for _ in range(400):
        weights = balancer.weigh({"a": 0.5, "b": 1.0})
        balancer.share(lengths(8.0 * weights["a"], 0.5 * weights["b"]), ["a", "b"])
    assert 8.0 * weights["a"] == pytest.approx(0.5 * weights["b"], rel=0.2)
    assert sum(weights.values()) == pytest.approx(2.0)


def test_a_task_that_lags_gets_the_longer_gradient():
    balancer = made()
    for _ in range(400):
        weights = balancer.weigh({"a": 0.2, "b": 1.6})
        balancer.share(lengths(weights["a"], weights["b"]), ["a", "b"])
    assert weights["b"] > 1.5 * weights["a"]


def test_the_projects_weight_is_kept_on_top():
    plain, heavy = made(), made(a=4.0, b=1.0)
    for balancer, times in ((plain, 1.0), (heavy, 4.0)):
        balancer.weigh({"a": 0.5, "b": 1.0})
        balancer.share(lengths(times * 3.0, 1.0), ["a", "b"])
    assert heavy.weigh({"a": 0.5})["a"] == pytest.approx(4 * plain.weigh({"a": 0.5})["a"])
