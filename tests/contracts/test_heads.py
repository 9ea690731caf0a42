"""What every head keeps, whoever wrote it."""

import pytest

from motet.model.heads import HEADS
from motet.testing.contracts.heads import HeadContract


@pytest.mark.parametrize("name", HEADS.names())
class TestHead(HeadContract):
    pass


class WithLoss(HeadContract):
    def make(self, name, **options):
        head = super().make(name, **options)
        head.kind = self.kind
        return head


@pytest.mark.parametrize("name", ["binary", "class", "tags"])
class TestChoice(WithLoss):
    @pytest.fixture(autouse=True, params=["integrated", "focal"])
    def loss(self, request):
        self.kind = request.param


@pytest.mark.parametrize("name", ["number"])
class TestNumber(WithLoss):
    @pytest.fixture(autouse=True, params=["squared", "absolute"])
    def loss(self, request):
        self.kind = request.param


def test_there_is_a_head_for_every_output():
    assert {"ranking", "binary", "class", "ordinal", "tags", "number"} <= set(HEADS.names())
