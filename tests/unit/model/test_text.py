import pytest
import torch

from motet.model.inputs import BagTensors
from motet.model.shape import ColumnShape, ViewShape
from motet.model.trunk.text import TextTower, drop_ngrams, sum_bags

BAG = BagTensors(torch.tensor([0, 2, 1]), torch.tensor([0, 2, 2, 3]), torch.tensor([0.5, 2.0, 1.0]))


def test_a_bag_is_the_weighted_sum_of_its_vectors():
    table = torch.tensor([[1.0, 0], [0, 1], [10, 20]])
    assert sum_bags(table, BAG).tolist() == [[20.5, 40.0], [0.0, 0.0], [0.0, 1.0]]


def test_ngrams_are_silenced_in_training_only():
    bag = BagTensors(torch.zeros(20_000, dtype=torch.long), torch.tensor([0, 20_000]), torch.ones(20_000))
    torch.manual_seed(0)
    assert drop_ngrams({"word": bag}, training=False)["word"] is bag
    dropped = drop_ngrams({"word": bag}, training=True, rate=0.6)["word"].weights
    assert float((dropped == 0).float().mean()) == pytest.approx(0.6, abs=0.02)
    assert float(dropped.mean()) == pytest.approx(1.0, abs=0.05)


@pytest.fixture
def tower():
    torch.manual_seed(0)
    return TextTower(ViewShape(("text",), ColumnShape(), 6, {"word": 3, "char": 5}), 8).eval()


def test_the_vector_and_every_family_are_read(tower):
    vector, bags = torch.randn(3, 6), {"word": BAG, "char": BAG}
    before = tower(vector, bags)
    assert before.shape == (3, 8)
    heavier = BagTensors(BAG.ids, BAG.starts, 3 * BAG.weights)
    for changed in (
        tower(-vector, bags),
        tower(vector, {**bags, "word": heavier}),
        tower(vector, {**bags, "char": heavier}),
    ):
        assert ((changed - before).abs().sum(1) > 1e-4)[[0, 2]].all()


def test_a_text_is_read_alone_as_among_others(tower):
    vector, bags = torch.randn(3, 6), {"word": BAG, "char": BAG}
    row = torch.tensor([2])
    alone = tower(vector[row], {family: bag.take(row) for family, bag in bags.items()})
    torch.testing.assert_close(alone, tower(vector, bags)[row])
