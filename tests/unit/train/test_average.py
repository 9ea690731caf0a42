import pytest
import torch
from torch import nn

from motet.train.average import AverageWeights


@pytest.fixture
def model():
    made = nn.Linear(1, 1, bias=False)
    made.weight.data.fill_(0.0)
    return made


def test_early_on_the_start_is_forgotten_quickly(model):
    average = AverageWeights(model, half_life=1e6)
    model.weight.data.fill_(1.0)
    average.update(model)
    assert float(average.weights["weight"]) == pytest.approx(1 - 2 / 11)
    average.update(model)
    assert float(average.weights["weight"]) == pytest.approx(1 - 2 / 11 * 3 / 12)


def test_later_half_is_forgotten_after_a_half_life(model):
    average = AverageWeights(model, half_life=5)
    for _ in range(1_000):
        average.update(model)
    model.weight.data.fill_(1.0)
    for _ in range(5):
        average.update(model)
    assert float(average.weights["weight"]) == pytest.approx(0.5, abs=1e-5)


def test_constant_weights_are_their_own_average(model):
    model.weight.data.fill_(3.0)
    average = AverageWeights(model, half_life=20)
    for _ in range(30):
        average.update(model)
    assert float(average.weights["weight"]) == pytest.approx(3.0)


def test_swapping_twice_changes_nothing(model):
    average = AverageWeights(model, half_life=20)
    model.weight.data.fill_(1.0)
    average.update(model)
    mean = average.weights["weight"].clone()
    average.swap(model)
    assert torch.equal(model.weight.data, mean) and float(average.weights["weight"]) == 1.0
    average.swap(model)
    assert float(model.weight.data) == 1.0 and torch.equal(average.weights["weight"], mean)


def test_the_average_is_a_copy(model):
    average = AverageWeights(model, half_life=20)
    model.weight.data.fill_(9.0)
    assert float(average.weights["weight"]) == 0.0
