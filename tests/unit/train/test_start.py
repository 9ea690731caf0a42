import copy

import pytest
import torch

from motet.stages.arms import new_balancer, new_model
from motet.train.loop import fit
from motet.train.start import Start

from ._runs import Judge, digest


def go_on(study, model, start, *, epochs=2):
    judge = Judge([dict.fromkeys(start.tasks or study.shape.tasks, float(n)) for n in range(epochs)])
    config = study.project.train.model_copy(update={"epochs": epochs})
    balancer = new_balancer(study, study.shape)
    return fit(model, study.plan, study.tensors, balancer, judge, config=config, seed=3, start=start)


def batch_of(study, task):
    return next(batch for batch in next(iter(study.plan.epoch(0, 0, [task])))[1])


def test_a_tutor_is_trusted_less_and_less():
    start = Start(tutors={"a": None})
    assert [start.trust(done, 4)["a"] for done in (0, 1, 3, 4, 5)] == [1.0, 0.75, 0.25, 0.0, 0.0]
    assert Start().trust(0, 4) == {}


def test_only_the_named_tasks_learn_and_the_others_keep_their_own_weights(study):
    model = new_model(study, study.shape, seed=0)
    before = copy.deepcopy(model)
    trained = go_on(study, model, Start(tasks=("rating",)))
    assert {key for key in trained.log[0] if key.startswith(("loss/", "score/"))} == {"loss/rating", "score/rating"}
    assert digest(before.head("sentiment")) == digest(trained.model.head("sentiment"))
    assert digest(before.head("rating")) != digest(trained.model.head("rating"))


def test_frozen_weights_stay_bit_for_bit(study):
    model = new_model(study, study.shape, seed=0)
    for weight in model.shared():
        weight.requires_grad_(False)
    before = [weight.detach().clone() for weight in model.shared()]
    trained = go_on(study, model, Start(tasks=("rating",)))
    assert all(torch.equal(one, other) for one, other in zip(before, trained.model.shared(), strict=True))


def test_a_task_closed_from_the_start_imitates_and_does_not_look_at_labels(study):
    model = new_model(study, study.shape, seed=0)
    twin = copy.deepcopy(model)
    batch = batch_of(study, "sentiment")
    asked = model.answers_to("sentiment", batch, study.tensors)
    trained = go_on(study, model, Start(closed=("sentiment", "next_item")))
    other = go_on(study, twin, Start())
    drift = (trained.model.answers_to("sentiment", batch, study.tensors) - asked).abs().mean()
    learned = (other.model.answers_to("sentiment", batch, study.tensors) - asked).abs().mean()
    assert drift < 0.5 * learned
    assert trained.log[0]["loss/next_item"] > 1  # a ranking is never closed: this is its loss, not an imitation's


@pytest.mark.parametrize("task", ["rating", "sentiment", "next_item"])
@torch.no_grad()
def test_trust_mixes_imitation_and_labels(study, task):
    model, teacher = (new_model(study, study.shape, seed=seed).eval() for seed in (0, 1))
    batch = batch_of(study, task)

    def loss(weight):
        return float(model.losses(batch, study.tensors, teachers={task: teacher}, trust={task: weight})[task])

    labels = float(model.losses(batch, study.tensors)[task])
    alone = float(model.losses(batch, study.tensors, teachers={task: teacher})[task])
    assert loss(0.0) == labels and loss(1.0) == alone != labels
    assert loss(0.25) == pytest.approx(0.25 * alone + 0.75 * labels, rel=1e-5)


@torch.no_grad()
def test_a_ranking_imitates_on_as_many_questions_as_fit(study, monkeypatch):
    model, teacher = (new_model(study, study.shape, seed=seed).eval() for seed in (0, 1))
    batch = batch_of(study, "next_item")
    assert len(model.answers_to("next_item", batch, study.tensors)) > 5
    monkeypatch.setattr("motet.model.assemble.RANKED_CELLS", 5 * study.shape.num_items)
    wanted = teacher.answers_to("next_item", batch, study.tensors, most=5).exp()
    own = model.answers_to("next_item", batch, study.tensors, most=5)
    found = model.losses(batch, study.tensors, teachers={"next_item": teacher})["next_item"]
    assert float(found) == pytest.approx(float(-(wanted * own).sum(1).mean()), rel=1e-4)


def test_a_steady_tutor_keeps_its_weight():
    start = Start(tutors={"a": None}, steady=0.3)  # type: ignore[dict-item]
    assert start.trust(0, 4) == start.trust(4, 4) == {"a": 0.3}
