import torch
from torch import nn

from motet.model.narrow import hidden_layers, shrink, weakest_left_out, weights_of
from motet.model.trunk.readers.transformer import Attention, TransformerLayer


def layer():
    torch.manual_seed(0)
    return TransformerLayer(16, 4, 6, 0.0).eval()


def narrower(model, make, kept):
    made = make()
    shrink(made, {place: len(left) for place, left in kept.items()})
    made.load_state_dict(weights_of(model, kept))
    return made.eval()


def test_units_that_say_nothing_go_and_nothing_changes():
    model = layer()
    with torch.no_grad():
        model.forward_layer[0].weight[8:] = 0
        model.forward_layer[0].bias[8:] = 0
        model.attention.out.weight.view(16, 4, 4)[:, 2:] = 0
    kept = weakest_left_out(model, 0.5)
    assert len(kept["forward_layer.0"]) == 32 and kept["attention"].tolist() == [0, 1]
    kept = {"forward_layer.0": torch.arange(8), "attention": kept["attention"]}
    small = narrower(model, layer, kept)
    assert small.attention.heads == 2 and small.forward_layer[2].in_features == 8
    x, known = torch.randn(3, 5, 16), torch.ones(3, 5, dtype=torch.bool)
    torch.testing.assert_close(small(x, known), model(x, known))


def test_the_strongest_stay_in_their_order():
    stack = nn.ModuleDict({"a": nn.Sequential(nn.Linear(2, 8), nn.GELU(), nn.Dropout(0.1), nn.Linear(8, 3))})
    with torch.no_grad():
        stack["a"][0].weight.fill_(1.0)
        stack["a"][3].weight.copy_(torch.tensor([1.0, 9, 2, 8, 3, 7, 4, 6]).expand(3, 8))
    assert weakest_left_out(stack, 0.5)["a.0"].tolist() == [1, 3, 5, 7]
    assert weakest_left_out(stack, 0.0) == {}
    assert len(weakest_left_out(stack, 0.9)["a.0"]) == 4, "some stay everywhere"


def test_units_that_are_mixed_with_one_another_are_no_units():
    normed = nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.Linear(8, 4), nn.SiLU(), nn.Linear(4, 2, bias=False))
    assert [place for place, _ in hidden_layers(nn.ModuleDict({"x": normed}))] == ["x.2"]


def test_layers_in_a_row_are_cut_on_both_sides():
    def make():
        torch.manual_seed(1)
        return nn.ModuleDict(
            {"a": nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 6), nn.GELU(), nn.Linear(6, 2))}
        )

    model, kept = make(), {"a.0": torch.tensor([0, 3, 5, 6]), "a.2": torch.tensor([1, 2, 4, 5])}
    small = narrower(model, make, kept)
    weight = model["a"][2].weight[kept["a.2"]][:, kept["a.0"]]
    assert torch.equal(small["a"][2].weight, weight) and torch.equal(
        small["a"][2].bias, model["a"][2].bias[kept["a.2"]]
    )


def test_one_head_stays():
    assert weakest_left_out(nn.ModuleDict({"x": Attention(8, 1, 4, 0.0)}), 0.9) == {}
    assert len(weakest_left_out(nn.ModuleDict({"x": Attention(8, 2, 4, 0.0)}), 0.9)["x"]) == 1
