import torch
from torch import nn

from motet.model.masks import held, of_numbers, of_rows, put_away


def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Embedding(600, 4), nn.Linear(4, 200), nn.Linear(200, 2))


def test_the_smallest_numbers_of_large_matrices_go():
    made = model()
    masks = of_numbers(made, 0.6)
    assert set(masks) == {"0.weight", "1.weight"}, "neither biases nor small matrices"
    for name, mask in masks.items():
        size = made.get_parameter(name).abs()
        assert size[~mask].max() <= size[mask].min() and int((~mask).sum()) == int(0.6 * size.numel())


def test_the_shortest_rows_of_long_tables_go():
    made = model()
    masks = of_rows(made, 0.5)
    assert set(masks) == {"0.weight"}
    length, kept = made[0].weight.norm(dim=1), masks["0.weight"].all(dim=1)
    assert torch.equal(kept, masks["0.weight"].any(dim=1)) and int(kept.sum()) == 300
    assert length[~kept].max() <= length[kept].min()


def test_what_was_put_away_stays_away_while_the_rest_learns():
    made = model()
    masks = of_numbers(made, 0.5)
    before = {name: weight.detach().clone() for name, weight in made.named_parameters()}
    for kind in (torch.optim.AdamW, torch.optim.SGD):
        with held(made, masks):
            optimizer = kind(made.parameters(), lr=0.01, weight_decay=0.02)
            for _ in range(3):
                optimizer.zero_grad()
                made(torch.arange(600)).square().mean().backward()
                optimizer.step()
                for name, mask in masks.items():
                    assert not made.get_parameter(name)[~mask].any()
    assert all(
        not torch.equal(weight[masks[name]], before[name][masks[name]])
        for name, weight in made.named_parameters()
        if name in masks
    )
    gradients = torch.autograd.grad(made(torch.arange(600)).square().sum(), [made[1].weight])
    assert gradients[0][~masks["1.weight"]].any(), "afterwards every number may learn again"


def test_gradients_that_are_asked_for_one_by_one_are_held_as_well():
    made = model()
    masks = of_numbers(made, 0.5)
    with held(made, masks):
        (found,) = torch.autograd.grad(made(torch.arange(600)).square().sum(), [made[1].weight])
    assert not found[~masks["1.weight"]].any() and found[masks["1.weight"]].any()


def test_other_weights_stay_as_they_are():
    made = model()
    bias = made[1].bias.detach().clone()
    put_away(made, of_numbers(made, 0.9))
    assert torch.equal(made[1].bias, bias) and (made[1].weight == 0).float().mean() > 0.85
