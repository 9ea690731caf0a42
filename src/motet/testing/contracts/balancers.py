"""What every balancer keeps."""
# ruff: noqa: D102 (a test's name says what it asks)

from __future__ import annotations

import json

from motet.schema import BalanceConfig
from motet.train.balance import BALANCERS, Balancer


class BalancerContract:
    """A balancer on made-up losses."""

    constants = {"a": 1.0, "b": 2.0, "c": 0.5}

    def make(self, name: str, **weights: float) -> Balancer:
        """Return a balancer; tasks count 1 unless told otherwise."""
        shares = {task: weights.get(task, 1.0) for task in "abc"}
        balancer: Balancer = BALANCERS.get(name)(self.constants, shares, BalanceConfig(kind=name))
        return balancer

    def test_every_given_task_has_a_finite_positive_weight(self, name: str) -> None:
        balancer = self.make(name)
        for losses in ({"a": 1.0, "b": 2.0, "c": 0.1}, {"b": 0.5}, {"a": 1e12, "c": 1e-12}, {"b": 0.0}):
            weights = balancer.weigh(losses)
            assert set(weights) == set(losses)
            assert all(0 < weight < float("inf") for weight in weights.values())

    def test_the_projects_own_weights_count(self, name: str) -> None:
        losses = {"a": 1.0, "b": 2.0, "c": 0.1}
        plain, doubled = self.make(name).weigh(losses), self.make(name, b=2.0).weigh(losses)
        assert doubled["b"] / doubled["a"] > 1.5 * plain["b"] / plain["a"]

    def test_it_goes_on_from_its_state(self, name: str) -> None:
        first = self.make(name)
        course = [{"a": 1.0 / step, "b": 2.0 + step} for step in range(1, 9)]
        for losses in course[:4]:
            first.weigh(losses)
        second = self.make(name)
        second.restore(json.loads(json.dumps(first.state())))
        assert [first.weigh(losses) for losses in course[4:]] == [second.weigh(losses) for losses in course[4:]]

    def test_its_state_does_not_change_behind_ones_back(self, name: str) -> None:
        balancer = self.make(name)
        balancer.weigh({"a": 1.0})
        before = dict(balancer.state())
        held = balancer.state()
        balancer.weigh({"a": 9.0, "b": 1.0})
        assert held == before
