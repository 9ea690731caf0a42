import pytest
import torch
from torch.nn import functional as F

from motet.model.heads import _softmax
from motet.model.heads._repeat import Repeats
from motet.model.heads._softmax import Extra, fused_cross_entropy
from motet.model.trunk.past import Past


def test_a_fused_loss_with_extras_is_the_naive_one(monkeypatch):
    monkeypatch.setattr(_softmax, "has_fast_bf16", lambda: False)
    monkeypatch.setattr(_softmax, "CHUNK", 4)
    torch.manual_seed(0)
    states, items, bias = (torch.randn(*shape, requires_grad=True) for shape in ((10, 6), (15, 6), (15,)))
    row = torch.tensor([0, 0, 3, 4, 9])
    item = torch.tensor([1, 14, 2, 2, 0])
    value = torch.randn(5, requires_grad=True)
    target = torch.randint(15, (10,))
    leaves = (states, items, bias, value)
    fused = torch.autograd.grad(fused_cross_entropy(states, items, bias, target, Extra(row, item, value)), leaves)
    scores = (states @ items.t() + bias).index_put((row, item), value, accumulate=True)
    naive = torch.autograd.grad(F.cross_entropy(scores, target), leaves)
    for got, wanted in zip(fused, naive, strict=True):
        assert torch.allclose(got, wanted, atol=1e-5)


def test_an_item_that_was_had_often_and_lately_gains_most():
    past = Past(torch.tensor([0, 0]), torch.tensor([1, 2]), torch.tensor([1.0, 4.0]), torch.tensor([0.1, 1.0]))
    seldom, often = Repeats(3)(past).tolist()
    assert often > seldom > 0
    assert seldom == pytest.approx(0.6931 + 0.1, abs=1e-4)
