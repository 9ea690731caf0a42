"""What every baseline keeps, whoever wrote it."""

import pytest

from motet.baseline import BASELINES
from motet.testing.contracts.baselines import BaselineContract


@pytest.mark.parametrize("name", BASELINES.names())
class TestBaseline(BaselineContract):
    pass
