"""What every head keeps, whoever wrote it."""

import pytest

from motet.model.heads import HEADS
from motet.testing.contracts.heads import HeadContract


@pytest.mark.parametrize("name", HEADS.names())
class TestHead(HeadContract):
    pass


def test_there_is_a_head_for_every_output():
    assert {"ranking", "binary", "class", "ordinal", "tags", "number"} <= set(HEADS.names())
