import pytest
import torch

from motet.model.names import module_name
from motet.model.sharing._experts import START
from motet.model.sharing.mmoe import MMoE

from ._strategies import questions, shaken, strategy


def one_hot(gate, place):
    """Turn a gate to one expert, and z itself away."""
    with torch.no_grad():
        gate.itself.bias.fill_(-100.0)
        gate.choose.bias.zero_()
        gate.choose.bias[place] = 100.0


def test_a_one_hot_gate_hands_on_that_expert(study):
    made, z = strategy(study, "mmoe", experts=3), questions(study)
    assert isinstance(made, MMoE)
    one_hot(made.private["rating"], 1)
    one_hot(made.private["buy"], 2)
    read, experts = made.adapt(["buy", "rating"], z), made.experts(z)
    assert experts.shape[1] == 3
    assert torch.allclose(read["rating"], experts[:, 1], atol=1e-6)
    assert torch.allclose(read["buy"], experts[:, 2], atol=1e-6)


def test_it_begins_near_plain_sharing(study):
    z = questions(study)
    for task, y in strategy(study, "mmoe").adapt(list(study.shape.tasks), z).items():
        assert (y - START * z).norm(dim=1).max() <= (1 - START) * 1.01 * study.shape.width**0.5, task


def test_tasks_differ_by_their_gates_alone(study):
    made, z = strategy(study, "mmoe"), questions(study)
    read = made.adapt(["buy", "rating"], z)
    assert torch.equal(read["buy"], read["rating"])
    read = shaken(made).adapt(["buy", "rating"], z)
    assert not torch.allclose(read["buy"], read["rating"], atol=1e-3)


def test_experts_answer_once_for_all_tasks_of_a_call(study):
    made, calls = strategy(study, "mmoe"), []
    made.experts.register_forward_hook(lambda *_: calls.append(1))
    made.adapt(["buy", "rating"], questions(study))
    assert len(calls) == 1


def test_the_gates_are_watched(study):
    made = strategy(study, "mmoe", experts=2).train()
    one_hot(made.private["rating"], 0)
    made.adapt(["buy", "rating"], questions(study))
    usage = made.gate_usage()
    assert usage["rating"] == {"itself": pytest.approx(0), "expert 1": pytest.approx(1), "expert 2": pytest.approx(0)}
    assert usage["buy"]["itself"] == pytest.approx(START)


def test_every_task_has_a_gate_of_its_own_and_experts_belong_to_nobody(study):
    made = strategy(study, "mmoe")
    assert set(made.private) == {module_name(task) for task in study.shape.tasks}
    private = {id(each) for each in made.private.parameters()}
    assert not private & {id(each) for each in made.experts.parameters()}
