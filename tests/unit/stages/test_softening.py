from dataclasses import replace

import numpy as np
import pytest
import torch

from motet.features.soft import SoftLabels
from motet.model.assemble import build
from motet.schema import TRAIN
from motet.stages.arms import new_model, train_arm
from motet.stages.softening import all_soft_tasks, softener
from motet.stages.study import Study, make_study
from motet.tasks.soft import soft_questions
from motet.testing.project import tiny_in_memory
from motet.testing.study import tiny_study
from motet.workflow import check

FAST = {"train": {"epochs": 2, "batch": 256, "device": "cpu", "watch": 0}}


def helped(**keys) -> Study:
    project = tiny_in_memory(tasks=("rating", "buy", "interest"), settings=FAST)
    tasks = {name: task.model_copy(update=keys.get(name, {})) for name, task in project.tasks.items()}
    return make_study(check(project.model_copy(update={"tasks": tasks})).division)


@pytest.fixture(scope="module")
def study() -> Study:
    return helped(
        rating={"label_share": 0.2, "soft_targets": ("buy",)},
        interest={"label_share": 0.3, "soft_targets": "auto"},
    )


def test_labels_are_of_unlabelled_training_questions(study):
    soften = softener(study, study.shape)
    assert soften is not None
    first = soften(None)
    assert set(first) == {"rating", "interest"}
    for task, labels in first.items():
        view = study.features.state.views[task].name
        known = study.features.questions[view].tasks[task]
        assert not np.isin(labels.question_s, known.question_m).any()
        assert np.isin(labels.question_s, study.plan.train[view]).all()
        assert np.isfinite(labels.label_s).all() and (labels.label_s >= 0).all()


def test_a_model_is_asked_only_where_nothing_is_told_without_it(study, monkeypatch):
    """Its answers to rows that it learned from repeat what it learned."""
    model = new_model(study, study.shape, seed=0)
    soften = softener(study, study.shape)
    first, later = soften(None)["rating"], soften(model)["rating"]
    assert np.array_equal(first.label_s, later.label_s)
    monkeypatch.setattr("motet.stages.softening.first_labels", lambda soft: None)
    alone = softener(study, study.shape)
    assert "rating" not in alone(None)
    assert np.array_equal(alone(model)["rating"].question_s, study.soft["rating"].question_s)


def test_a_twin_has_none_and_a_project_without_them_neither(study):
    assert softener(study, study.shape.only("rating")) is None
    plain = tiny_study(tasks=("rating", "buy"), settings=FAST)
    assert softener(plain, plain.shape) is None and plain.soft == {}


def test_held_out_labels_of_any_task_make_no_difference(study):
    """The labels of validation and test are exchanged; what is learned from stays the same."""
    soften = softener(study, study.shape)
    examples = dict(study.examples)
    for name, each in examples.items():
        held = each.part_n != TRAIN
        order = np.arange(len(each))
        order[held] = order[held][::-1]
        examples[name] = replace(each, label=each.label.gather(order))
    tasks = study.project.tasks
    asked = {name: soft_questions(tasks[name], study.division, study.examples[name]) for name in study.soft}
    other = replace(study, soft=all_soft_tasks(study.project, examples, asked, study.features))
    for task, labels in soften(None).items():
        assert np.array_equal(labels.label_s, softener(other, study.shape)(None)[task].label_s)


def test_texts_are_read_for_the_helpers_of_one_view_by_models_that_never_saw_the_row():
    project = tiny_in_memory(tasks=("sentiment", "rating"), settings=FAST)
    stars = {"table": "reviews", "column": "stars", "text": ("text",), "label_share": 0.3, "soft_targets": "auto"}
    tasks = {**project.tasks, "rating": project.tasks["rating"].model_copy(update=stars)}
    study = make_study(check(project.model_copy(update={"tasks": tasks})).division)
    soft = study.soft["rating"]
    assert set(soft.read) == {"sentiment"}
    read_m, read_s = soft.read["sentiment"]
    assert read_m.shape == (len(soft.question_m), 1) and read_s.shape == (len(soft.question_s), 1)
    assert np.isfinite(read_s).all() and read_s.std() > 0


def test_soft_rows_enter_the_loss_by_their_weight(study):
    model = build(study.shape, seed=0).eval()
    soft = softener(study, study.shape)(None)
    light = {"rating": SoftLabels(soft["rating"].question_s, soft["rating"].label_s, 1e-9)}
    given = ({}, light, {"rating": soft["rating"]})
    steps = [next(iter(study.plan.epoch(0, 0, ["rating"], soft=each)))[1] for each in given]
    with torch.no_grad():
        plain, unheard, heard = (float(model.losses(batches[0], study.tensors)["rating"]) for batches in steps)
    assert unheard == pytest.approx(plain, rel=1e-4) and heard != pytest.approx(plain, rel=1e-3)


def test_a_joint_model_learns_from_them_and_another_run_learns_the_same(study):
    one, two = (train_arm(study, seed=0) for _ in range(2))
    for name, value in one.model.state_dict().items():
        assert torch.equal(value, two.model.state_dict()[name]), name
    assert {f"loss/{task}" for task in study.shape.tasks} <= set(one.log[0])


def test_own_answers_need_no_other_task():
    study = helped(rating={"label_share": 0.2, "soft_targets": "self"})
    assert softener(study, study.shape)(None) == {}
    assert np.isfinite(list(train_arm(study, seed=0).log[-1].values())[-1])
