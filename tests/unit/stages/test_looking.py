from dataclasses import replace

import numpy as np

from motet.model.assemble import build
from motet.stages.answer import questions_of_role
from motet.stages.looking import FEWEST, judge_batches, watcher_of
from motet.train.pulls import label_counts


def test_looking_ahead_is_judged_on_validation_half_a(study):
    batches = judge_batches(study, study.shape.tasks, most=10_000)
    counts = label_counts(batches)
    for task in study.shape.tasks:
        chosen = questions_of_role(study, task, "A")
        assert counts[task] == len(chosen) > 0, task
        labels = study.features.questions[study.features.state.views[task].name].tasks[task].label_m[chosen]
        found = [b.targets[task].label_m for batch in batches for b in batch.blocks if task in b.targets]
        assert sorted(np.concatenate(found).tolist()) == sorted(labels.tolist()), task


def test_the_half_is_thinned_to_about_a_steps_work(study):
    counts = label_counts(judge_batches(study, study.shape.tasks))
    for task in study.shape.tasks:
        view = study.features.state.views[task].name
        step = len(study.plan.train[view]) / study.plan.steps
        assert counts[task] <= max(FEWEST, step), task


def test_only_the_asked_tasks_are_judged(study):
    task = next(iter(study.shape.tasks))
    assert set(label_counts(judge_batches(study, [task]))) == {task}


def test_who_is_watched(study):
    model = build(study.shape, seed=0)
    assert watcher_of(study, model) is not None
    assert watcher_of(study, build(study.shape.only(next(iter(study.shape.tasks))), seed=0)) is None
    train = study.project.train.model_copy(update={"watch": 0})
    off = replace(study, project=study.project.model_copy(update={"train": train}))
    assert watcher_of(off, model) is None
    single = replace(study.shape, sharing=replace(study.shape.sharing, kind="single"))
    assert watcher_of(study, build(single, seed=0)) is None, "nothing is shared"
