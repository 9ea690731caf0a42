import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.schema import BalanceConfig
from motet.train.balance.nashmtl import NashMtl, bargain


@settings(deadline=None)
@given(st.integers(1, 8), st.integers(0, 10_000))
def test_the_solution_is_a_nash_bargain(tasks, seed):
    stream = torch.Generator().manual_seed(seed)
    own = torch.randn(tasks, tasks + 3, generator=stream, dtype=torch.float64)
    own = own * 10 ** torch.randn(tasks, 1, generator=stream, dtype=torch.float64)
    weight = torch.rand(tasks, generator=stream, dtype=torch.float64) + 0.1
    alpha = bargain(own @ own.T, weight)
    assert (alpha > 0).all()
    torch.testing.assert_close(own @ own.T @ alpha * alpha, weight, rtol=1e-4, atol=1e-6)


def test_tasks_at_right_angles_gain_alike_however_long_their_gradients_are():
    balancer = NashMtl({}, {"a": 1.0, "b": 1.0}, BalanceConfig())
    shares = balancer.share(torch.diag(torch.tensor([4.0, 1.0])), ["a", "b"])
    # the mean square length is 2.5: both gradients become √2.5 long
    assert shares == pytest.approx({"a": 2.5**0.5 / 2, "b": 2.5**0.5}, rel=0.01)


def test_a_heavier_task_gains_more():
    balancer = NashMtl({}, {"a": 1.0, "b": 4.0}, BalanceConfig())
    shares = balancer.share(torch.eye(2), ["a", "b"])
    assert shares["b"] == pytest.approx(2 * shares["a"], rel=0.01)


def test_opposite_gradients_cancel_with_finite_shares():
    balancer = NashMtl({}, {"a": 1.0, "b": 1.0}, BalanceConfig())
    shares = balancer.share(torch.tensor([[1.0, -1.0], [-1.0, 1.0]]), ["a", "b"])
    assert shares["a"] == pytest.approx(shares["b"]) and shares["a"] < 40
