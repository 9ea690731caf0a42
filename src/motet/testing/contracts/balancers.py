"""What every balancer keeps."""
# ruff: noqa: D102 (a test's name says what it asks)

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from motet.schema import BalanceConfig
from motet.train.balance import BALANCERS, Balancer, looks_at_gradients
from motet.train.balance._protocol import GradientBalancer


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

    def test_it_says_which_settings_it_reads(self, name: str) -> None:
        asked: set[str] = set()

        class Told:
            def __getattr__(self, setting: str) -> Any:
                asked.add(setting)
                return getattr(BalanceConfig(kind=name), setting)

        BALANCERS.get(name)(self.constants, dict.fromkeys(self.constants, 1.0), cast(BalanceConfig, Told()))
        assert asked - {"kind", "main"} == set(getattr(BALANCERS.get(name), "reads", ()))

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


class GradientBalancerContract(BalancerContract):
    """A balancer on made-up gradients, too."""

    def gradients(self, name: str, **weights: float) -> GradientBalancer:
        """Return a balancer that looks at gradients."""
        balancer = self.make(name, **weights)
        assert looks_at_gradients(balancer)
        return balancer

    def gramians(self) -> Iterator[Tensor]:
        """Yield inner products of made-up gradients of K tasks: many numbers or one, like or unlike lengths."""
        stream = torch.Generator().manual_seed(0)
        for tasks in (1, 2, 3):
            for numbers in (1, 2, 20):
                for lengths in (0.0, 2.0, 5.0):
                    own = torch.randn(tasks, numbers, generator=stream)
                    own = own * (10 ** (lengths * torch.randn(tasks, 1, generator=stream)))
                    yield own @ own.T

    def test_shares_are_finite_and_not_negative(self, name: str) -> None:
        balancer = self.gradients(name)
        balancer.weigh(dict.fromkeys("abc", 1.0))
        for gramian_KK in self.gramians():
            tasks = "abc"[: len(gramian_KK)]
            shares = balancer.share(gramian_KK, list(tasks))
            assert list(shares) == list(tasks)
            assert all(0 <= share < float("inf") for share in shares.values()), gramian_KK

    @pytest.mark.parametrize("length", [1e-6, 1.0, 1e6])
    def test_a_task_alone_keeps_its_gradient(self, name: str, length: float) -> None:
        for task in "abc":
            balancer = self.gradients(name, b=3.0)
            balancer.weigh({task: 1.0})
            share = balancer.share(torch.tensor([[length**2]]), [task])[task]
            assert abs(share - 1) < 0.02

    def test_gradients_of_zero_are_survived(self, name: str) -> None:
        balancer = self.gradients(name)
        balancer.weigh(dict.fromkeys("abc", 1.0))
        one = torch.tensor([[1.0, 0.0, -0.5], [0.0, 0.0, 0.0], [-0.5, 0.0, 1.0]])
        for gramian_KK in (torch.zeros(3, 3), one):
            shares = balancer.share(gramian_KK, list("abc"))
            assert all(0 <= share < float("inf") for share in shares.values())
            assert all(0 < weight < float("inf") for weight in balancer.weigh(dict.fromkeys("abc", 1.0)).values())

    @pytest.mark.parametrize("broken", [float("nan"), float("inf")])
    def test_a_gradient_that_is_not_finite_leaves_no_trace(self, name: str, broken: float) -> None:
        balancer = self.gradients(name)
        balancer.weigh(dict.fromkeys("abc", 1.0))
        balancer.share(torch.full((3, 3), broken), list("abc"))
        assert all(0 < weight < float("inf") for weight in balancer.weigh(dict.fromkeys("abc", 1.0)).values())
        assert all(0 <= share < float("inf") for share in balancer.share(torch.eye(3), list("abc")).values())

    def test_it_goes_on_from_its_state_with_gradients(self, name: str) -> None:
        def course(balancer: GradientBalancer, gramians: list[Tensor]) -> list[dict[str, float]]:
            found = []
            for place, gramian_KK in enumerate(gramians):
                tasks = list("cab"[: len(gramian_KK)])
                found.append(balancer.weigh(dict.fromkeys(tasks, 1.0 + place)))
                torch.manual_seed(place)
                found.append(balancer.share(gramian_KK, tasks))
            return found

        gramians = list(self.gramians())
        first, second = self.gradients(name), self.gradients(name)
        course(first, gramians[:15])
        second.restore(json.loads(json.dumps(first.state())))
        assert course(first, gramians[15:]) == course(second, gramians[15:])

    def test_its_state_does_not_change_behind_ones_back_with_gradients(self, name: str) -> None:
        balancer = self.gradients(name)
        gramians = [gramian_KK for gramian_KK in self.gramians() if len(gramian_KK) == 3]
        for before, after in pairwise(gramians):
            balancer.weigh(dict.fromkeys("abc", 1.0))
            balancer.share(before, list("abc"))
            held = balancer.state()
            copied = json.loads(json.dumps(held))
            balancer.share(after, list("abc"))
            assert held == copied
