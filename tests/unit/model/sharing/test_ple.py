import pytest
import torch

from motet.model.sharing._experts import START
from motet.model.sharing.ple import OWN, PLE

from ._strategies import questions, shaken, strategy


def one_hot(gate, place):
    """Turn a gate to one expert, and the representation itself away."""
    with torch.no_grad():
        gate.itself.bias.fill_(-100.0)
        gate.choose.bias.zero_()
        gate.choose.bias[place] = 100.0


def test_a_task_chooses_from_shared_experts_and_its_own_alone(study):
    made = strategy(study, "ple", experts=3)
    assert isinstance(made, PLE)
    for specific in made.private.values():
        assert all(gate.choose.out_features == 3 + OWN for gate in specific.gates)
    assert made.between["buy"].choose.out_features == 3 + 2 * OWN


def test_its_own_way_never_meets_other_tasks_experts(study):
    made, z = shaken(strategy(study, "ple", experts=2)), questions(study)
    for gate in made.private["rating"].gates:
        one_hot(gate, 2)  # the own expert, on both levels
    own = made.private["rating"].experts
    wanted = own[1](own[0](z)[:, 0])[:, 0]
    assert torch.allclose(made.adapt(["buy", "rating"], z)["rating"], wanted, atol=1e-5)
    shaken(made.private["buy"], by=1.0)
    assert torch.allclose(made.adapt(["buy", "rating"], z)["rating"], wanted, atol=1e-5)


def test_the_shared_way_goes_through_both_levels(study):
    made, z = shaken(strategy(study, "ple", experts=2)), questions(study)
    one_hot(made.private["rating"].gates[1], 0)
    one_hot(made.between["buy"], 1)
    wanted = made.levels[1](made.levels[0](z)[:, 1])[:, 0]
    assert torch.allclose(made.adapt(["rating"], z)["rating"], wanted, atol=1e-5)


def test_the_shared_way_reads_the_others_own_experts_and_does_not_teach_them(study):
    made, z = shaken(strategy(study, "ple", experts=2)), questions(study)
    one_hot(made.private["rating"].gates[1], 0)
    one_hot(made.between["buy"], 2)  # buy's own expert
    y = made.adapt(["buy", "rating"], z)["rating"]
    assert torch.allclose(y, made.levels[1](made.private["buy"].experts[0](z)[:, 0])[:, 0], atol=1e-5)
    weights = list(made.private["buy"].parameters())
    assert set(torch.autograd.grad(y.square().sum(), weights, retain_graph=True, allow_unused=True)) == {None}
    one_hot(made.between["buy"], 3)  # rating's own: by this way it does not learn either
    y = made.adapt(["buy", "rating"], z)["rating"]
    weights = list(made.private["rating"].experts[0].parameters())
    assert all(each.abs().max() < 1e-20 for each in torch.autograd.grad(y.square().sum(), weights))


def test_an_own_expert_learns_from_its_own_gate(study):
    made, z = shaken(strategy(study, "ple")), questions(study)
    for specific in made.private.values():  # let the representation itself through no longer
        torch.nn.init.constant_(specific.gates[0].itself.bias, 0.0)
    y = made.adapt(["rating"], z)["rating"]
    weights = list(made.private["rating"].experts[0].parameters())
    assert all(each.any() for each in torch.autograd.grad(y.square().sum(), weights))


def test_it_begins_near_plain_sharing(study):
    z, width = questions(study), study.shape.width
    for task, y in strategy(study, "ple").adapt(["buy", "rating"], z).items():
        assert (y - START**2 * z).norm(dim=1).max() <= (1 - START**2) * 1.01 * width**0.5, task


def test_shared_experts_answer_once_for_all_tasks_of_a_call(study):
    made, calls = strategy(study, "ple"), []
    for level in made.levels:
        level.register_forward_hook(lambda *_: calls.append(1))
    made.adapt(["brand", "categories", "price"], questions(study))
    assert len(calls) == 2


def test_use_is_counted_along_both_ways(study):
    made, z = strategy(study, "ple", experts=2).train(), questions(study)
    one_hot(made.private["rating"].gates[0], 2)
    one_hot(made.private["rating"].gates[1], 0)
    one_hot(made.between["buy"], 1)
    made.adapt(["rating"], z)
    used = {name: share for name, share in made.gate_usage()["rating"].items() if share > 1e-6}
    assert used == {"expert 1.2": pytest.approx(0.5), "expert 2.1": pytest.approx(0.5)}
    one_hot(made.private["rating"].gates[1], 2)
    made.adapt(["rating"], z)
    used = {name: share for name, share in made.gate_usage()["rating"].items() if share > 1e-6}
    assert used == {"own 1": pytest.approx(0.5), "own 2": pytest.approx(0.5)}
