import torch

from motet.model.sharing._experts import START, Expert, Experts, Gate, expert_names, mix

from ._strategies import shaken


def test_an_experts_answer_is_of_unit_variance_whatever_the_scale():
    expert = Expert(16)
    for scale in (0.01, 1.0, 100.0):
        y = expert(scale * torch.randn(5, 16))
        assert torch.allclose(y.mean(1), torch.zeros(5), atol=1e-4)
        assert torch.allclose(y.var(1, correction=0), torch.ones(5), atol=0.2)


def test_experts_differ_and_do_not_depend_on_the_other_questions():
    experts, z = Experts(16, 3), torch.randn(6, 16)
    y = experts(z)
    assert y.shape == (6, 3, 16)
    assert not torch.allclose(y[:, 0], y[:, 1], atol=0.1)
    assert torch.allclose(experts(z[2:3]), y[2:3], atol=1e-6)
    assert torch.allclose(experts(7 * z), y, atol=1e-3)


def test_a_gate_begins_nearly_shut_and_even():
    share = Gate(16, 4)(torch.randn(3, 16))
    assert torch.allclose(share[:, 0], torch.full((3,), START))
    assert torch.allclose(share[:, 1:], torch.full((3, 4), (1 - START) / 4))


def test_a_gates_shares_sum_to_one_and_depend_on_the_question():
    torch.manual_seed(0)
    share = shaken(Gate(16, 4), by=1.0)(torch.randn(5, 16))
    assert torch.allclose(share.sum(1), torch.ones(5)) and (share >= 0).all()
    among = share[:, 1:] / share[:, 1:].sum(1, keepdim=True)
    assert share[:, 0].std() > 0.001 and among.std(0).min() > 0.01


def test_a_mixture_by_hand():
    z = torch.tensor([[1.0, 0.0]])
    one, two = torch.tensor([[[0.0, 2.0]]]), torch.tensor([[[4.0, 4.0]]])
    assert torch.allclose(mix(torch.tensor([[0.5, 0.25, 0.25]]), z, [one, two]), torch.tensor([[1.5, 1.5]]))


def test_weak_experts_lose_nothing():
    gate, z = Gate(16, 2), torch.randn(4, 16)
    kept = mix(gate(z), z, [torch.zeros(4, 2, 16)])
    assert torch.allclose(kept, START * z, atol=1e-6)


def test_names_count_from_one():
    assert expert_names(2) == ["expert 1", "expert 2"]
    assert expert_names(2, 1) == ["expert 1.1", "expert 1.2"]
