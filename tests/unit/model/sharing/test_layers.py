import pytest
import torch

from motet.model.sharing._layers import ResidualLayer, logit, standardise

from ._strategies import shaken


def test_a_new_layer_is_nothing_and_learns():
    layer, x = ResidualLayer(8), torch.randn(4, 8)
    assert torch.equal(layer(x), x)
    layer(x).square().sum().backward()
    assert layer.leave.weight.grad.any()
    assert not torch.allclose(shaken(layer)(x), x)


def test_gates_look_at_rows_of_one_scale():
    x = torch.tensor([[1.0, 3.0], [100.0, 300.0]])
    assert torch.allclose(standardise(x), torch.tensor([[-1.0, 1.0], [-1.0, 1.0]]), atol=1e-4)


def test_the_logit_undoes_the_sigmoid():
    assert logit(0.5) == 0.0
    assert torch.sigmoid(torch.tensor(logit(0.95))).item() == pytest.approx(0.95)
