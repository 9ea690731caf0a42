"""What every balancer keeps, whoever wrote it."""

from importlib.util import find_spec

import pytest

from motet.testing.contracts.balancers import BalancerContract, GradientBalancerContract
from motet.train.balance import BALANCERS
from motet.train.balance._torchjd import TorchjdBalancer

NO_LIBRARY = pytest.mark.skipif(
    not (find_spec("torchjd") and find_spec("cvxpy")),
    reason="torchjd is not installed: pip install -e '.[balance]'",
)
NAMES = [
    pytest.param(name, marks=NO_LIBRARY) if issubclass(BALANCERS.get(name), TorchjdBalancer) else name
    for name in BALANCERS.names()
]
WITH_GRADIENTS = [
    each for each, name in zip(NAMES, BALANCERS.names(), strict=True) if hasattr(BALANCERS.get(name), "share")
]


@pytest.mark.parametrize("name", [each for each in NAMES if each not in WITH_GRADIENTS])
class TestBalancer(BalancerContract):
    pass


@pytest.mark.parametrize("name", WITH_GRADIENTS)
class TestGradientBalancer(GradientBalancerContract):
    pass
