import pytest

from motet.schema import BalanceConfig
from motet.train.balance.fixed import Fixed
from motet.train.balance.sum import Sum

LOSSES = {"a": 5.0, "b": 0.1, "c": 7.0}


def test_shares_sum_to_the_number_of_tasks_and_keep_their_ratios():
    fixed = Fixed({}, {"a": 1.0, "b": 2.0, "c": 3.0}, BalanceConfig())
    assert fixed.weigh(LOSSES) == pytest.approx({"a": 0.5, "b": 1.0, "c": 1.5})


def test_only_ratios_count_where_a_sum_takes_weights_as_they_are():
    one, ten = {"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 10.0, "b": 20.0, "c": 30.0}
    assert Fixed({}, one, BalanceConfig()).weigh(LOSSES) == Fixed({}, ten, BalanceConfig()).weigh(LOSSES)
    assert Sum({}, ten, BalanceConfig()).weigh(LOSSES) == ten
    assert Fixed({}, {"b": 20.0}, BalanceConfig()).weigh({"b": 0.1}) == {"b": 1.0}
