"""What every sharing strategy keeps, whoever wrote it."""

import pytest

from motet.model.sharing import SHARING
from motet.testing.contracts.sharing import SharingContract


@pytest.mark.parametrize("name", SHARING.names())
class TestSharing(SharingContract):
    pass
