import math
import random

import pytest

from motet.schema import BalanceConfig
from motet.train.balance.famo import DECAY, FLOOR, RATE, SMOOTH, Famo


def made(**weights):
    weights = weights or {"a": 1.0, "b": 1.0}
    return Famo(dict.fromkeys(weights, 1.0), weights, BalanceConfig())


def test_at_first_every_loss_pulls_by_its_logarithm():
    assert made().weigh({"a": 3.0, "b": 1.0}) == pytest.approx({"a": 0.5, "b": 1.5})
    assert made(a=2.0, b=1.0).weigh({"a": 3.0, "b": 1.0}) == pytest.approx({"a": 1.0, "b": 1.5})


def test_the_logits_take_adams_steps_against_the_fall_of_the_log_loss():
    """The slope is the softmax's, as in the paper; each logit's second step is worked out by hand."""
    balancer = made()
    balancer.weigh({"a": 4.0, "b": 2.0})
    found = balancer.weigh({"a": 2.0, "b": 2.0})
    assert balancer.state()["logits"] == pytest.approx({"a": -RATE, "b": RATE}, rel=1e-6)
    share = 1 / (1 + math.exp(2 * RATE))
    assert found["a"] == pytest.approx(2 * share) and found["a"] < 1 < found["b"]

    first = 0.5 * (1 - SMOOTH) * math.log(2) / 2
    level = math.log(4.0) - (1 - SMOOTH) * math.log(2)
    fall = (1 - SMOOTH) * (level - math.log(2.0))
    second = share * (fall - share * fall) - DECAY * RATE
    balancer.weigh({"a": 2.0, "b": 2.0})
    mean = (0.9 * 0.1 * first + 0.1 * second) / (1 - 0.9**2)
    length = math.sqrt((0.999 * 0.001 * first**2 + 0.001 * second**2) / (1 - 0.999**2))
    assert balancer.state()["logits"]["a"] == pytest.approx(-RATE - RATE * mean / length, rel=1e-4)


@pytest.mark.parametrize(("steps", "noise"), [(500, 0.1), (500, 0.2), (4000, 0.1)])
def test_the_share_of_a_task_whose_loss_fell_far_is_more_than_halved(steps, noise):
    stream, balancer = random.Random(0), made(a=1.0, b=1.0, c=1.0, d=1.0)
    for step in range(steps):
        fell = {"a": math.exp(-5 * step / steps)}
        losses = {task: 0.7 * fell.get(task, 1.0) * math.exp(stream.gauss(0, noise)) for task in "abcd"}
        balancer.weigh(losses)
    shares = balancer._shares()
    assert shares["a"] < 0.25 / 2 and max(shares.values()) < 0.4


def test_noise_alone_moves_no_task_far():
    stream, balancer = random.Random(0), made(a=1.0, b=1.0, c=1.0, d=1.0)
    for _ in range(3000):
        balancer.weigh({task: math.exp(stream.gauss(0, 0.3)) for task in "abcd"})
        assert all(0.2 < share < 0.32 for share in balancer._shares().values())


def test_the_task_that_stands_still_gains_weight():
    balancer = made()
    for step in range(60):
        found = balancer.weigh({"a": 2.0 * 0.98**step, "b": 1.0})
    pull = {"a": found["a"] * 2.0 * 0.98**59, "b": found["b"]}
    assert pull["b"] > 1.01 * pull["a"]


def test_a_solved_task_does_not_take_all_the_weight():
    assert made().weigh({"a": 1e-12, "b": 1.0}) == pytest.approx({"a": 2 / (1 + FLOOR), "b": 2 * FLOOR / (1 + FLOOR)})
