import pytest
import torch

from motet.model.sharing.attention import START, Attention, Mask, Masks

from ._strategies import questions, shaken, strategy


def set_mask(mask, bias):
    """Give a mask the same opening everywhere."""
    with torch.no_grad():
        mask.leave.weight.zero_()
        mask.leave.bias.fill_(bias)


def test_a_mask_of_one_passes_the_shared_features_and_of_zero_nothing(study):
    made, z = shaken(strategy(study, "attention")), questions(study)
    assert isinstance(made, Attention)
    set_mask(made.private["rating"].second, 100.0)
    set_mask(made.private["buy"].second, -100.0)
    read = made.adapt(["buy", "rating"], z)
    assert torch.allclose(read["rating"], made.second(made.first(z)), atol=1e-6)
    assert torch.allclose(read["buy"], torch.zeros_like(z), atol=1e-6)


def test_the_second_mask_looks_at_what_the_first_let_through():
    masks = shaken(Masks(8), by=0.5)
    first, second = torch.randn(4, 8), torch.randn(4, 8)
    before = masks(first, second)
    assert torch.allclose(before, masks.second(second, masks.first(first) * first))
    with torch.no_grad():
        masks.first.leave.bias[:4] -= 50.0
    assert not torch.allclose(masks(first, second), before, atol=1e-3)


def test_a_mask_is_between_zero_and_one_and_depends_on_the_question():
    mask = shaken(Mask(8, 8), by=0.5)(torch.randn(5, 8))
    assert mask.min() > 0 and mask.max() < 1 and mask.std(0).min() > 0.001


def test_it_begins_near_plain_sharing(study):
    z = questions(study)
    for task, y in strategy(study, "attention").adapt(list(study.shape.tasks), z).items():
        assert torch.allclose(y, START * z, atol=1e-5), task


def test_the_shared_depths_are_passed_once_for_all_tasks_of_a_call(study):
    made, calls = strategy(study, "attention"), []
    for layer in (made.first, made.second):
        layer.register_forward_hook(lambda *_: calls.append(1))
    made.adapt(["brand", "categories", "price"], questions(study))
    assert len(calls) == 2


def test_how_much_a_mask_lets_through_is_watched(study):
    made = strategy(study, "attention").train()
    set_mask(made.private["rating"].second, 0.0)
    made.adapt(["rating"], questions(study))
    assert made.gate_usage() == {"rating": {"let through": pytest.approx(0.5), "held back": pytest.approx(0.5)}}
