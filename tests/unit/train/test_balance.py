import pytest

from motet.schema import BalanceConfig
from motet.train.balance import BALANCERS
from motet.train.balance._protocol import BALANCERS as SHELF
from motet.train.balance.scale import DECAY, FLOOR, Scale
from motet.train.balance.sum import Sum


def test_scale_divides_by_the_running_mean():
    scale = Scale({"a": 1.0, "b": 1.0}, {"a": 1.0, "b": 3.0}, BalanceConfig())
    assert scale.weigh({"a": 2.0, "b": 0.5}) == pytest.approx({"a": 1 / 2, "b": 3 / 0.5})
    mean = DECAY * 2.0 + (1 - DECAY) * 4.0
    assert scale.weigh({"a": 4.0}) == pytest.approx({"a": 1 / mean})
    assert scale.weigh({"b": 0.5}) == pytest.approx({"b": 6.0})


def test_a_solved_task_pulls_no_harder_than_the_floor_lets_it():
    scale = Scale({"a": 2.0}, {"a": 1.0}, BalanceConfig())
    assert scale.weigh({"a": 1e-9}) == pytest.approx({"a": 1 / (FLOOR * 2.0)})


def test_units_cancel():
    one, other = (Scale({"a": c}, {"a": 1.0}, BalanceConfig()) for c in (1.0, 100.0))
    for loss in (1.0, 0.8, 0.7):
        first, second = one.weigh({"a": loss})["a"] * loss, other.weigh({"a": 100 * loss})["a"] * 100 * loss
        assert first == pytest.approx(second)


def test_sum_knows_the_projects_weights_alone():
    plain = Sum({"a": 1.0, "b": 9.0}, {"a": 1.0, "b": 0.5}, BalanceConfig())
    for losses in ({"a": 5.0, "b": 0.1}, {"b": 77.0}):
        assert plain.weigh(losses) == {task: {"a": 1.0, "b": 0.5}[task] for task in losses}
    assert plain.state() == {}


def test_both_stand_on_the_shelf():
    assert BALANCERS is SHELF and BALANCERS.get("scale") is Scale and BALANCERS.get("sum") is Sum
