import torch

from motet.model.inputs import WordTensors
from motet.model.shape import ColumnShape, ViewShape
from motet.model.trunk.text import TextTower
from motet.model.trunk.towers import TOWERS, bag
from motet.model.trunk.towers._beside import Beside, highest
from motet.model.trunk.towers._words import Words
from motet.model.trunk.towers.cnn import CnnTower
from motet.model.trunk.towers.lstm import LstmTower

VIEW = ViewShape(("text",), ColumnShape(), 6, {}, words=9)


def made(tower):
    torch.manual_seed(0)
    return tower(VIEW, 8).eval()


def test_the_default_tower_is_the_bag():
    assert bag.TextTower is TOWERS.get("bag") is TextTower
    assert ViewShape(("text",), ColumnShape(), 6, {}).tower == "bag"


def test_the_order_of_words_is_read():
    vector = torch.randn(1, 6)
    for tower in (made(CnnTower), made(LstmTower)):
        one, other = torch.tensor([[2, 3, 4, 5]]), torch.tensor([[5, 3, 4, 2]])
        assert (tower(vector, {}, one) - tower(vector, {}, other)).abs().max() > 1e-5


def test_the_highest_value_over_known_places_counts():
    x = torch.tensor([[[1.0, -5.0], [2.0, -7.0], [9.0, 9.0]], [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]])
    known = torch.tensor([[True, True, False], [False, False, False]])
    assert highest(x, known).tolist() == [[2.0, -5.0], [0.0, 0.0]]


def test_padding_is_a_row_of_zeros_and_learns_nothing():
    words = Words(9)
    words(torch.tensor([[3, 0]])).sum().backward()
    assert not words.table.weight[0].any() and not words.table.weight.grad[0].any()


def test_vector_and_sequence_stand_side_by_side():
    torch.manual_seed(0)
    beside = Beside(6, 4, 8).eval()
    vector, sequence = torch.randn(2, 6), torch.randn(2, 4)
    assert beside(vector, sequence).shape == (2, 8)
    assert not torch.equal(beside(vector, sequence), beside(vector, -sequence))


def test_words_are_taken_by_row_and_padded():
    rows = WordTensors(torch.tensor([5, 6, 7, 8]), torch.tensor([0, 2, 2, 3, 4]))
    assert rows.take(torch.tensor([3, 1, 0])).tolist() == [[8, 0], [0, 0], [5, 6]]
    assert rows.take(torch.tensor([1])).shape == (1, 0)
