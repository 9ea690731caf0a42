"""What every text tower keeps, whoever wrote it."""

import pytest

from motet.model.trunk.towers import TOWERS
from motet.testing.contracts.towers import TowerContract


@pytest.mark.parametrize("name", TOWERS.names())
class TestTowers(TowerContract):
    pass
