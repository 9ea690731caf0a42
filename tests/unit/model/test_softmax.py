import pytest
import torch
from torch.nn import functional as F

from motet.model.heads._softmax import (
    CHUNK,
    Extra,
    fused_cross_entropy,
    has_fast_bf16,
    sampled_cross_entropy,
    together,
)


def world(n=CHUNK + 77, num_items=37, width=12, scale=1.0):
    generator = torch.Generator().manual_seed(3)
    states = scale * torch.randn(n, width, generator=generator)
    items = torch.randn(num_items, width, generator=generator)
    bias = torch.randn(num_items, generator=generator)
    target = torch.randint(0, num_items, (n,), generator=generator)
    return [each.requires_grad_() for each in (states, items, bias)], target


def with_gradients(loss, inputs, factor=3.0):
    """The loss and the gradients of `factor` times the loss."""
    return loss.detach(), torch.autograd.grad(factor * loss, inputs)


def naive(inputs, target):
    states, items, bias = inputs
    return with_gradients(F.cross_entropy(states @ items.t() + bias, target), inputs)


def test_in_fp32_loss_and_gradients_are_those_of_plain_cross_entropy():
    inputs, target = world()
    loss, gradients = with_gradients(fused_cross_entropy(*inputs, target, dtype=torch.float32), inputs)
    expected, wanted = naive(inputs, target)
    torch.testing.assert_close(loss, expected, rtol=1e-5, atol=1e-6)
    for one, other in zip(gradients, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_in_bf16_they_are_close():
    inputs, target = world(n=100)
    loss, gradients = with_gradients(fused_cross_entropy(*inputs, target, dtype=torch.bfloat16), inputs)
    expected, wanted = naive(inputs, target)
    torch.testing.assert_close(loss, expected, rtol=0.02, atol=0.02)
    for one, other in zip(gradients, wanted, strict=True):
        assert one.dtype == torch.float32
        assert float((one - other).norm() / other.norm()) < 0.03


def test_the_default_is_one_of_the_two():
    inputs, target = world(n=50)
    assert isinstance(has_fast_bf16(), bool)
    torch.testing.assert_close(
        fused_cross_entropy(*inputs, target).detach(), naive(inputs, target)[0], rtol=0.02, atol=0
    )


def test_large_scores_do_not_overflow():
    inputs, target = world(n=20, scale=300.0)
    loss, gradients = with_gradients(fused_cross_entropy(*inputs, target, dtype=torch.float32), inputs)
    torch.testing.assert_close(loss, naive(inputs, target)[0], rtol=1e-4, atol=1e-4)
    assert all(torch.isfinite(each).all() for each in gradients)


@pytest.mark.parametrize("skew", [0.0, 2.0])
def test_against_many_samples_the_loss_is_the_full_one_weighted_by_what_is_left_to_learn(skew):
    torch.manual_seed(0)
    inputs, target = world(n=40)
    states, items, bias = inputs
    count = torch.exp(skew * torch.randn(len(items)))
    loss = sampled_cross_entropy(*inputs, target, count, negatives=100_000)
    scores = states @ items.t() + bias
    weight = 1 - scores.softmax(1).gather(1, target[:, None])[:, 0].detach()
    full = (weight / weight.mean() * F.cross_entropy(scores, target, reduction="none")).mean()
    torch.testing.assert_close(loss, full, rtol=0.03, atol=0)
    for one, other in zip(torch.autograd.grad(loss, inputs), torch.autograd.grad(full, inputs), strict=True):
        assert float((one - other).norm() / other.norm()) < 0.1


def test_a_target_that_is_drawn_is_not_its_own_rival():
    states, items, bias = torch.ones(1, 2), torch.ones(1, 2), torch.zeros(1)
    alone = sampled_cross_entropy(states, items, bias, torch.zeros(1, dtype=torch.long), torch.ones(1), negatives=5)
    assert float(alone) == pytest.approx(0.0, abs=1e-6)


def test_items_with_extras_are_rivals_for_certain():
    """Against many samples the loss with extras is the full one, and so is what it says of the extras."""
    torch.manual_seed(0)
    inputs, target = world(n=40)
    states, items, bias = inputs
    row = torch.arange(40).repeat_interleave(4)
    item = (target.repeat_interleave(4) + torch.tensor([0, 1, 5, 5]).repeat(40)) % len(items)  # one pair twice
    value = torch.rand(160, requires_grad=True)
    leaves = [*inputs, value]
    extra = Extra(row, item, value)
    loss = sampled_cross_entropy(*inputs, target, torch.ones(len(items)), negatives=100_000, extra=extra)
    scores = (states @ items.t() + bias).index_put((row, item), value, accumulate=True)
    weight = 1 - scores.softmax(1).gather(1, target[:, None])[:, 0].detach()
    full = (weight / weight.mean() * F.cross_entropy(scores, target, reduction="none")).mean()
    torch.testing.assert_close(loss, full, rtol=0.03, atol=0)
    for one, other in zip(torch.autograd.grad(loss, leaves), torch.autograd.grad(full, leaves), strict=True):
        assert float((one - other).norm() / other.norm()) < 0.1


def test_with_few_samples_extras_still_count_in_full():
    """What is recalled is never left to chance: a row whose extras hold nearly all mass needs no sample of them."""
    states, items, bias = torch.zeros(1, 2), torch.zeros(5_000, 2), torch.zeros(5_000)
    extra = Extra(torch.tensor([0, 0]), torch.tensor([3, 4]), torch.tensor([20.0, 20.0]))
    torch.manual_seed(0)
    loss = sampled_cross_entropy(states, items, bias, torch.tensor([3]), torch.ones(5_000), negatives=2, extra=extra)
    assert float(loss) == pytest.approx(0.6931, abs=1e-3)


def test_extras_are_joined_in_the_order_of_rows():
    one = Extra(torch.tensor([0, 2]), torch.tensor([5, 6]), torch.tensor([1.0, 2.0]))
    other = Extra(torch.tensor([0, 1]), torch.tensor([5, 7]), torch.tensor([3.0, 4.0]))
    both = together([one, other])
    assert both.row_p.tolist() == [0, 0, 1, 2] and both.item_p.tolist() == [5, 5, 7, 6]
    assert both.value_p.tolist() == [1.0, 3.0, 4.0, 2.0]
    assert together([]) is None and together([one]) is one


def gpu():
    if not torch.cuda.is_available():
        pytest.skip("NO GPU HERE: that the losses of a catalogue are the same on one was NOT tested")
    return torch.device("cuda")


@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 1e-4), (torch.bfloat16, 0.03)])
def test_on_a_gpu_loss_and_gradients_are_those_of_the_processor(dtype, most):
    device, row = gpu(), torch.arange(CHUNK + 77)
    inputs, target = world()
    extra = Extra(row, target, torch.rand(len(row)))
    there = [each.detach().to(device).requires_grad_() for each in inputs]
    moved = Extra(*(each.to(device) for each in (extra.row_p, extra.item_p, extra.value_p)))
    here = with_gradients(fused_cross_entropy(*inputs, target, extra, dtype=torch.float32), inputs)
    loss, gradients = with_gradients(fused_cross_entropy(*there, target.to(device), moved, dtype=dtype), there)
    torch.testing.assert_close(loss.cpu(), here[0], rtol=most, atol=most)
    for one, other in zip(gradients, here[1], strict=True):
        assert one.device.type == "cuda"
        assert float((one.cpu() - other).norm() / other.norm()) < most


def test_on_a_gpu_the_sampled_loss_tends_to_the_full_one_too():
    device = gpu()
    torch.manual_seed(0)
    inputs, target = world(n=40)
    there = [each.detach().to(device).requires_grad_() for each in inputs]
    loss = sampled_cross_entropy(
        *there, target.to(device), torch.ones(len(inputs[1]), device=device), negatives=100_000
    )
    here = sampled_cross_entropy(*inputs, target, torch.ones(len(inputs[1])), negatives=100_000)
    torch.testing.assert_close(loss.detach().cpu(), here.detach(), rtol=0.03, atol=0)
    for one, other in zip(torch.autograd.grad(loss, there), torch.autograd.grad(here, inputs), strict=True):
        assert float((one.cpu() - other).norm() / other.norm()) < 0.1
