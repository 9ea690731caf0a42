from types import SimpleNamespace

import numpy as np
import torch

from motet.features.tokens import tokens_of
from motet.features.whitening import fit_standardise, fit_whitening
from motet.model.token_tensors import Memo, token_tensors

CPU = torch.device("cpu")


class Table:
    """Reads text r, whose only token is r, as a row of a table."""

    def __init__(self, vectors):
        self.vectors_nD, self.read = torch.from_numpy(vectors), []

    def vectors(self, weights, tokens, *, training):
        self.read += [ids[0] for ids in tokens if ids]
        zero = torch.zeros_like(self.vectors_nD[0])
        return torch.stack([self.vectors_nD[ids[0]] if ids else zero for ids in tokens])


def given(fit):
    vectors = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    vectors[2] = 0
    rows = [[row] if vectors[row].any() else [] for row in range(6)]
    return vectors, token_tensors(tokens_of(rows, fit(vectors)), Table(vectors), CPU)


def test_vectors_are_made_fit_as_those_of_a_frozen_model():
    for fit in (fit_standardise, lambda vectors: fit_whitening(vectors, width=3, norm=0.5)):
        vectors, texts = given(fit)
        rows = torch.tensor([5, 2, 0, 0])
        found = texts.read({}, rows, training=False).numpy()
        np.testing.assert_allclose(found, texts.texts.fit.apply(vectors)[rows.numpy()], atol=1e-5)


def test_a_text_is_read_once_until_weights_change():
    _, texts = given(fit_standardise)
    weight = torch.nn.Parameter(torch.zeros(1))
    first = texts.remembered({"w": weight}, torch.tensor([1, 3, 3]))
    again = texts.remembered({"w": weight}, torch.tensor([3, 4]))
    assert torch.equal(first[1], again[0]) and texts.reader.read == [1, 3, 4]
    with torch.no_grad():
        weight.add_(1)
    texts.remembered({"w": weight}, torch.tensor([3]))
    texts.remembered({"w": torch.nn.Parameter(torch.ones(1))}, torch.tensor([3]))
    assert texts.reader.read == [1, 3, 4, 3, 3]


def test_a_memo_gives_back_what_it_was_given():
    counted = SimpleNamespace(times=0)

    def read(rows):
        counted.times += 1
        return rows[:, None].float()

    memo = Memo()
    for _ in range(2):
        found = memo.of({}, torch.tensor([2, 0, 2]), size=3, read=read)
        assert found.tolist() == [[2.0], [0.0], [2.0]]
    assert counted.times == 1
