"""What a ranking makes of its memory; the memory itself is tested beside the features."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from motet.features.memory import FOLLOWS, RESEMBLES
from motet.model.assemble import build
from motet.model.heads._memory import START, MemoryOffset
from motet.model.heads.ranking import RankingHead
from motet.model.predict import Predictor
from motet.model.shape import ModelShape
from motet.schema import TRAIN
from motet.stages.answer import questions_of_role
from motet.stages.growing import fill
from motet.stages.together import batches_of
from motet.testing.study import tiny_study


@pytest.fixture(scope="module")
def study():
    """A shop whose ranking takes its memory as an offset."""
    trunk = {"width": 16, "layers": 2, "max_history": 10}
    return tiny_study(settings={"trunk": trunk, "tasks": {"next_item": {"kind": "next_item", "memory": "offset"}}})


def without_memory(shape):
    task = replace(shape.tasks["next_item"], memory="")
    return replace(shape, tasks={**shape.tasks, "next_item": task})


def asked(study, role="test"):
    """A batch of questions that recall something."""
    chosen = questions_of_role(study, "next_item", role, most=40)
    return max((batch for _, batch in batches_of(study, "next_item", chosen)), key=lambda batch: batch.blocks[0].size)


def block_of(batches):
    return next(block for batch in batches for block in batch.blocks if "next_item" in block.targets)


def test_an_offset_adds_each_kind_with_its_weight(study):
    head, recall = MemoryOffset(), asked(study).blocks[0].recall
    assert torch.allclose(head.weights(), torch.tensor(START))
    with torch.no_grad():
        head.trust.copy_(torch.tensor([2.0, 3.0]).expm1().log())
    found, extra = recall.pairs(), head(recall)
    assert {FOLLOWS, RESEMBLES} == set(found.kind_p.tolist())
    wanted = np.where(found.kind_p == FOLLOWS, 2.0, 3.0) * found.value_p
    np.testing.assert_allclose(extra.value_p.detach().numpy(), wanted, rtol=1e-5)
    np.testing.assert_array_equal(extra.row_p.numpy(), found.row_p)


def test_scores_are_those_without_a_memory_plus_the_offset(study, model):
    bare = build(without_memory(study.shape), seed=0).eval()
    fill(bare, model)
    batch = asked(study)
    one, other = (Predictor(each, study.tensors) for each in (model, bare))
    with_it, without = (
        each.ranking_scores("next_item", each.ranking_states("next_item", batch)) for each in (one, other)
    )
    extra = model.head("next_item").memory(batch.blocks[0].recall)
    wanted = without.index_put((extra.row_p, extra.item_p), extra.value_p, accumulate=True)
    assert (with_it - without).abs().max() > 0.1
    torch.testing.assert_close(with_it, wanted.detach(), rtol=1e-5, atol=1e-5)


def test_without_weight_it_is_as_if_there_were_none(study, model, batches):
    bare = build(without_memory(study.shape), seed=0).eval()
    fill(bare, model)
    with torch.no_grad():
        model.head("next_item").memory.trust.fill_(-200.0)
    losses = []
    for each in (model, bare):
        torch.manual_seed(0)
        found = [each.losses(batch, study.tensors) for batch in batches]
        losses.append(sum(float(each["next_item"].detach()) for each in found if "next_item" in each))
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    batch = asked(study)
    answers = [Predictor(each, study.tensors).answers("next_item", batch) for each in (model, bare)]
    torch.testing.assert_close(*answers, rtol=1e-5, atol=1e-5)


def test_a_training_question_leaves_out_the_item_that_it_asks_for(study, batches):
    block = block_of(batches)
    target = block.targets["next_item"]
    np.testing.assert_array_equal(block.recall.recent.own_n[target.index_m], target.label_m)
    assert (asked(study).blocks[0].recall.recent.own_n == -1).all(), "nothing of the test questions was counted"


def test_what_a_training_question_recalls_are_the_last_items_it_has_read(study, batches):
    events, batch = study.features.arrays.events, next(b for b in batches if b.segments is not None)
    block = block_of([batch])
    width = batch.segments.event_BL.shape[1] + 1
    for place, state in enumerate(block.state_n[:50]):
        row, read = divmod(int(state), width)
        items = events.item_N[batch.segments.event_BL[row, :read]] - 1
        last = [item for item in items[::-1] if item >= 0]
        mine = block.recall.recent.item_nW[place]
        short = min(len(last), len(mine))
        assert mine[:short].tolist() == last[:short]


def test_the_loss_learns_how_far_to_trust(study, batches):
    model = build(study.shape, seed=0)
    for batch in batches:
        found = model.losses(batch, study.tensors)
        if "next_item" in found:
            found["next_item"].backward()
    slope = model.head("next_item").memory.trust.grad
    assert torch.isfinite(slope).all() and (slope != 0).all()


def test_against_samples_the_offset_counts_for_rivals_too(study, batches, monkeypatch):
    """With all of a catalogue drawn, the sampled loss agrees with the full one on how far to trust the memory."""
    from motet.model.heads import _softmax, ranking

    monkeypatch.setattr(_softmax, "has_fast_bf16", lambda: False)
    slopes = []
    for limit in (10_000, 1):
        monkeypatch.setattr(ranking, "FULL_SOFTMAX", limit)
        monkeypatch.setattr(ranking, "NEGATIVES", 20_000)
        model = build(study.shape.only("next_item"), seed=0).eval()
        batch = next(b for b in batches if any("next_item" in block.targets for block in b.blocks))
        own = replace(batch, blocks=tuple(b for b in batch.blocks if b.view == model.shape.tasks["next_item"].view))
        own = replace(own, blocks=(replace(own.blocks[0], targets={"next_item": own.blocks[0].targets["next_item"]}),))
        torch.manual_seed(0)
        model.losses(own, study.tensors)["next_item"].backward()
        slopes.append(model.head("next_item").memory.trust.grad)
    full, sampled = slopes
    assert float((full - sampled).norm() / full.norm()) < 0.2


def test_slices_of_questions_are_scored_as_the_whole(study, model):
    predictor, batch = Predictor(model, study.tensors), asked(study)
    states = predictor.ranking_states("next_item", batch)
    whole = predictor.ranking_scores("next_item", states)
    parts = [predictor.ranking_scores("next_item", states[at : at + 7]) for at in range(0, len(whole), 7)]
    torch.testing.assert_close(torch.cat(parts), whole, rtol=1e-5, atol=1e-5)


def test_twin_and_joint_have_it_alike_and_old_shapes_have_none(study):
    assert study.shape.only("next_item").tasks["next_item"].memory == "offset"
    fields = study.shape.to_json()
    del fields["tasks"]["next_item"]["memory"]
    old = ModelShape.from_json(fields)
    assert RankingHead(old.tasks["next_item"], old).memory is None


def test_every_training_event_is_counted_once_for_all_tasks(study):
    questions = study.features.questions[study.features.state.views["next_item"].name]
    assert questions.recalling.memory is study.features.memory
    labels = questions.tasks["next_item"]
    train = labels.question_m[labels.part_m == TRAIN]
    assert questions.recalling.counted_N[questions.row_n[train]].all()
    held = labels.question_m[labels.part_m > TRAIN]
    assert not questions.recalling.counted_N[questions.row_n[held]].any()
