import numpy as np
import torch

from motet.features.batch import Hidden
from motet.features.word_ids import UNKNOWN
from motet.model.inputs import BagTensors
from motet.model.trunk.hiding import kept_bags, kept_texts, thinned

CPU = torch.device("cpu")


def test_kept_texts_follow_the_share() -> None:
    rows = np.arange(1000)
    assert kept_texts(Hidden(0, 1.0, 0, 1), rows, CPU).sum() == 0
    assert kept_texts(Hidden(0, 0.0, 0, 1), rows, CPU).sum() == 1000
    assert abs(float(kept_texts(Hidden(0, 0.3, 0, 1), rows, CPU).mean()) - 0.7) < 0.06


def test_bags_of_hidden_texts_weigh_nothing() -> None:
    bag = BagTensors(torch.tensor([4, 5, 6, 7]), torch.tensor([0, 1, 1, 4]), torch.ones(4))
    found = kept_bags({"words": bag}, torch.tensor([1.0, 1.0, 0.0]))["words"]
    assert found.weights.tolist() == [1, 0, 0, 0] and found.ids is bag.ids


def test_thinned_words_are_unknown_and_padding_stays() -> None:
    words = torch.tensor([[7, 8, 0], [9, 0, 0]])
    assert thinned(words, 1.0).tolist() == [[UNKNOWN, UNKNOWN, 0], [UNKNOWN, 0, 0]]
    assert thinned(words, 0.0).tolist() == words.tolist()
