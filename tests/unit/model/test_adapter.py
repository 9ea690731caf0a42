import torch

from motet.model.inputs import PlainTensors
from motet.model.shape import ColumnShape
from motet.model.trunk.adapter import VectorAdapter
from motet.model.trunk.columns import ColumnSum, RowTower

TWO = torch.tensor([[0.5, -1.0, 1.0, 2.0, 1.0], [0.5, -1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]])
"""Columns of two numbers and of one: both known, one known, none known."""


def adapter(scale=1.0):
    torch.manual_seed(0)
    made = VectorAdapter((2, 1), 8, scale=scale)
    with torch.no_grad():
        for missing in made.missing:
            missing.copy_(torch.randn(8))
    return made


def test_known_vectors_are_mapped_and_missing_ones_replaced():
    made = adapter()
    found = made(TWO)
    told = made.norms[0](made.maps[0](TWO[:, :2]))
    torch.testing.assert_close(found[1], told[1] + made.missing[1])
    torch.testing.assert_close(found[2], made.missing[0] + made.missing[1])


def test_a_share_has_the_given_length():
    torch.manual_seed(0)
    found = VectorAdapter((2,), 64, scale=0.1)(torch.tensor([[0.3, 4.0, 1.0]]))
    assert abs(float(found.detach().norm()) - 0.1 * 8) < 1e-3


def test_gradients_reach_the_map_of_what_is_known_and_the_stand_in_of_what_is_not():
    made = adapter()
    (made(TWO[1:2]) * torch.randn(8)).sum().backward()
    assert made.maps[0].weight.grad.any() and not made.maps[1].weight.grad.any()
    assert made.missing[1].grad.any() and not made.missing[0].grad.any()


def plain(vectors):
    n = len(vectors)
    empty = torch.zeros(n, 0)
    none = torch.zeros(0, dtype=torch.int64)
    return PlainTensors(empty.long(), empty, none, torch.zeros(n + 1, dtype=torch.int64), vectors)


def test_both_ways_of_reading_columns_read_vectors():
    shape = ColumnShape(vectors=(2, 1))
    assert not shape.empty
    for tower in (ColumnSum(shape, 8, scale=0.3), RowTower(shape, 8, dropout=0.1).eval()):
        with torch.no_grad():
            tower.vectors.missing[0].fill_(0.5)
        found = tower(plain(TWO))
        assert found.shape == (3, 8) and len({tuple(row.tolist()) for row in found}) == 3


def test_rows_are_taken_with_their_vectors():
    assert torch.equal(plain(TWO).take(torch.tensor([2, 0])).vectors_nV, TWO[[2, 0]])
