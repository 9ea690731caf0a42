"""What every layer of the history trunk keeps, whoever wrote it."""

import pytest

from motet.model.trunk.readers import READERS
from motet.testing.contracts.readers import ReaderContract


@pytest.mark.parametrize("name", READERS.names())
class TestReaders(ReaderContract):
    pass
