"""What every balancer keeps, whoever wrote it."""

import pytest

from motet.testing.contracts.balancers import BalancerContract
from motet.train.balance import BALANCERS


@pytest.mark.parametrize("name", BALANCERS.names())
class TestBalancer(BalancerContract):
    pass
