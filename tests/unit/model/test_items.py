from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from motet.model.trunk.items import COUNT_HALF, ItemTower


@pytest.fixture
def tower(study):
    torch.manual_seed(0)
    made = ItemTower(study.shape).eval()
    with torch.no_grad():
        made.delta.weight.normal_()
        made.norm.weight.uniform_(0.1, 0.4)
    return made


@pytest.fixture
def items(study):
    """The catalogue, where item 1 was never seen."""
    count = study.tensors.items.count.clone()
    count[1] = 0
    return replace(study.tensors.items, count=count)


def test_row_zero_is_zero(tower, items):
    assert not tower(items)[0].any() and tower(items)[1:].any(dim=1).all()


def test_a_vector_is_the_norm_of_text_attributes_and_a_gated_correction(tower, items):
    row = torch.tensor([4])
    gate = items.count[4] / (items.count[4] + COUNT_HALF)
    content = tower.text(items.text[row]) + tower.attributes(items.plain.take(row))
    expected = F.layer_norm(content + gate * tower.delta.weight[4], (16,)) * tower.norm.weight
    torch.testing.assert_close(tower(items)[4:5], expected)
    torch.testing.assert_close(tower(items, row), expected)


def test_an_item_that_nobody_has_seen_knows_no_correction(tower, items):
    before = tower(items)
    with torch.no_grad():
        tower.delta.weight.mul_(-2)
    changed = (tower(items) - before).abs().sum(1) > 1e-6
    assert not changed[1] and changed[2:].all()


def test_what_an_item_is_does_not_change_with_its_labels(tower, items):
    ids = torch.arange(1, len(items.count))
    before, vectors = tower.masked(items, ids), tower(items)
    other = replace(items.plain, codes_nC=items.plain.codes_nC.flip(0), bins_nB=items.plain.bins_nB.flip(0))
    shown = replace(items, plain=other, text=items.text.flip(0))
    after = tower.masked(shown, ids)
    assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True))
    assert not torch.allclose(tower(shown), vectors)


def test_an_items_past_is_its_gated_correction_and_is_not_taught_by_labels(tower, items):
    ids = torch.tensor([1, 4])
    content, past = tower.masked(items, ids)
    gate = items.count[4] / (items.count[4] + COUNT_HALF)
    assert not past[0].any()
    torch.testing.assert_close(past[1], gate * tower.delta.weight[4])
    (content.sum() + (past**2).sum()).backward()
    assert tower.delta.weight.grad is None and tower.text.weight.grad is not None


def test_in_training_a_correction_is_dropped_now_and_then(tower, items):
    torch.manual_seed(0)
    whole = tower(items)
    tower.train()
    kept = [((tower(items) - whole).abs().sum(1) < 1e-6)[2:].float().mean() for _ in range(60)]
    assert 0.85 < float(torch.stack(kept).mean()) < 0.95
    ids = torch.arange(2, len(items.count))
    past = [tower.masked(items, ids)[1].any(dim=1).float().mean() for _ in range(60)]
    assert 0.4 < float(torch.stack(past).mean()) < 0.6


def test_items_start_from_their_text(study):
    fresh = ItemTower(study.shape).eval()
    assert torch.equal(fresh.text.weight, torch.eye(16))
    assert float(fresh.delta.weight.detach().std()) < 0.02
    bare = ItemTower(replace(study.shape, item_text=0, item_columns=type(study.shape.item_columns)()))
    assert bare.text is None and bare.attributes is None and float(bare.delta.weight.detach().std()) > 0.2
