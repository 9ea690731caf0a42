import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from motet.model.heads._base import Tower
from motet.model.heads._imitate import imitation_loss
from motet.model.heads._protocol import HEADS
from motet.model.heads.binary import BinaryHead
from motet.model.heads.class_ import ClassHead
from motet.model.heads.number import NumberHead
from motet.model.heads.ordinal import OrdinalHead
from motet.model.heads.ranking import RankingHead
from motet.model.heads.tags import TagsHead
from motet.model.inputs import BagTensors
from motet.model.losses import DELTA
from motet.model.shape import ColumnShape, ModelShape, TaskShape, ViewShape
from motet.model.trunk import State

NONE = ColumnShape()


def make(output, size, *, levels=(), sources=("history", "item"), bags=None, about_items=False, num_items=6):
    view = ViewShape(sources, NONE, 0, bags or {}, about_items)
    task = TaskShape("v", output, size, levels, 1.0, 1.0)
    shape = ModelShape(8, 1, 2, 5, 0.0, "shared_bottom", num_items, 0, NONE, 0, NONE, NONE, {"v": view}, {"t": task})
    torch.manual_seed(0)
    return HEADS.get(output)(task, shape).eval()


def fixed(head, scores):
    """The head, answering these scores whatever it is asked."""
    head.scores = lambda z_nd, state, vectors_Id: scores
    return head


def asked(n, **fields):
    z_nd = torch.randn(n, 8, generator=torch.Generator().manual_seed(1))
    return replace(State("view", z_nd, z_nd, torch.arange(n), {}), **fields)


def test_a_head_stands_on_the_shelf_under_the_name_of_its_answer():
    heads = {"binary": BinaryHead, "class": ClassHead, "number": NumberHead, "ordinal": OrdinalHead}
    for name, head in {**heads, "ranking": RankingHead, "tags": TagsHead}.items():
        assert HEADS.get(name) is head


def test_the_ordinal_loss_by_hand():
    p = torch.tensor([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]])
    head = fixed(make("ordinal", 3, levels=(1.0, 2.0, 5.0)), p.log())
    loss = head.loss(None, None, torch.tensor([1, 2]), None)
    first = -math.log(0.5) + (0.2 - 0) ** 2 + (0.7 - 1) ** 2
    second = -math.log(0.1) + (0.6 - 0) ** 2 + (0.9 - 0) ** 2
    assert float(loss) == pytest.approx((first + second) / 2, rel=1e-5)


def test_an_ordinal_answer_nearby_costs_less_than_one_far_off():
    head = make("ordinal", 4, levels=(1.0, 2.0, 3.0, 4.0))
    label = torch.tensor([0])
    near, far = (
        float(fixed(head, torch.tensor([scores])).loss(None, None, label, None))
        for scores in ([0.0, 3.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0])
    )
    assert near < far


def test_the_binary_loss_by_hand():
    head = fixed(make("binary", 1), torch.tensor([0.8, 0.1]).logit())
    loss = head.loss(None, None, torch.tensor([1.0, 0.0]), None)
    assert float(loss) == pytest.approx(-(math.log(0.8) + math.log(0.9)) / 2, rel=1e-5)


def test_a_class_that_training_never_showed_has_no_loss():
    p = torch.tensor([[0.7, 0.3], [0.5, 0.5], [0.1, 0.9]])
    head = fixed(make("class", 2), p.log())
    loss = head.loss(None, None, torch.tensor([0, -1, 1]), None)
    assert float(loss) == pytest.approx(-(math.log(0.7) + math.log(0.9)) / 2, rel=1e-5)
    assert float(head.loss(None, None, torch.tensor([-1, -1, -1]), None)) == 0.0


def test_the_tag_loss_is_a_mean_over_cells():
    p = torch.tensor([[0.9, 0.2], [0.5, 0.5]])
    loss = fixed(make("tags", 2), p.logit()).loss(None, None, torch.tensor([[1.0, 0.0], [1.0, 1.0]]), None)
    assert float(loss) == pytest.approx(-(math.log(0.9) + math.log(0.8) + 2 * math.log(0.5)) / 4, rel=1e-5)


def test_large_errors_of_a_number_count_linearly():
    head = fixed(make("number", 1), torch.tensor([0.1, 2.0]))
    loss = head.loss(None, None, torch.tensor([0.0, 0.0]), None)
    assert float(loss) == pytest.approx((0.5 * 0.1**2 + DELTA * (2.0 - DELTA / 2)) / 2, rel=1e-5)


def test_a_ranking_is_state_times_item_plus_bias():
    head, state, vectors = make("ranking", 6), asked(4), torch.randn(7, 8)
    with torch.no_grad():
        head.bias.normal_()
    scores = head.scores(state.z_nd, state, vectors)
    torch.testing.assert_close(scores[2, 3], state.z_nd[2] @ vectors[4] + head.bias[3])
    label = torch.tensor([0, -1, 5, -1])
    expected = F.cross_entropy(scores[[0, 2]], label[[0, 2]])
    torch.testing.assert_close(head.loss(state.z_nd, state, label, vectors), expected, rtol=2e-2, atol=0)


def test_a_ranking_without_known_items_has_no_loss_and_a_gradient_of_zero():
    head, state = make("ranking", 6), asked(3)
    z_nd = state.z_nd.clone().requires_grad_()
    loss = head.loss(z_nd, state, torch.full((3,), -1), torch.randn(7, 8))
    loss.backward()
    assert float(loss.detach()) == 0.0 and not z_nd.grad.any()


def test_a_large_catalogue_is_sampled(monkeypatch):
    from motet.model.heads import ranking

    head, state, vectors = make("ranking", 6), asked(4), torch.randn(7, 8)
    monkeypatch.setattr(ranking, "FULL_SOFTMAX", 5)
    monkeypatch.setattr(ranking, "fused_cross_entropy", None)
    loss = head.loss(state.z_nd, state, torch.tensor([0, 1, 2, 3]), vectors)
    assert torch.isfinite(loss)


def test_each_item_has_a_shift_that_is_zero_at_first():
    head, state = make("number", 1), asked(4)
    before = head.scores(state.z_nd, state, None)
    with torch.no_grad():
        head.tower.shift.weight[:, 0] = torch.arange(7.0)
    torch.testing.assert_close(head.scores(state.z_nd, state, None), before + torch.arange(4.0))


def test_an_items_shift_moves_mass_up_the_scale():
    head, state = make("ordinal", 3, levels=(1.0, 2.0, 3.0)), asked(2)
    levels = torch.tensor([1.0, 2.0, 3.0])
    before = head.answer(head.scores(state.z_nd, state, None)) @ levels
    with torch.no_grad():
        head.tower.shift.weight[1] = 1.0
    after = head.answer(head.scores(state.z_nd, state, None)) @ levels
    assert after[0] == before[0] and after[1] > before[1] + 0.1


@pytest.mark.parametrize("options", [{"sources": ("history",)}, {"about_items": True}])
def test_a_question_about_no_item_or_about_the_item_itself_has_no_shift(options):
    assert make("number", 1, **options).tower.shift is None


def test_ngrams_have_a_wide_path_of_their_own():
    bag = BagTensors(torch.tensor([2]), torch.tensor([0, 1, 1]), torch.tensor([0.5]))
    head, state = make("class", 3, sources=("text",), bags={"word": 4}), asked(2, bags={"word": bag})
    assert isinstance(head.tower, Tower)
    before = head.scores(state.z_nd, state, None)
    with torch.no_grad():
        head.tower.wide["word"].weight[2] = torch.tensor([1.0, 2.0, 3.0])
    moved = head.scores(state.z_nd, state, None) - before
    torch.testing.assert_close(moved, torch.tensor([[0.5, 1.0, 1.5], [0, 0, 0]]), atol=1e-6, rtol=0)


@pytest.mark.parametrize("output", ["binary", "tags", "class", "ordinal", "number"])
def test_an_imitator_is_best_when_it_answers_as_its_teacher(output):
    wide = output in ("tags", "class", "ordinal")
    scores = torch.randn(5, 3) if wide else torch.randn(5)
    answer = {"class": lambda s: s.softmax(1), "ordinal": lambda s: s.softmax(1), "number": lambda s: s}
    wanted = answer.get(output, torch.sigmoid)(scores)
    own = scores.clone().requires_grad_()
    (slope,) = torch.autograd.grad(imitation_loss(output, own, wanted), own)
    assert slope.abs().max() < 1e-6
    assert float(imitation_loss(output, scores + torch.randn_like(scores), wanted)) > float(
        imitation_loss(output, scores, wanted)
    )
