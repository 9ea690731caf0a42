from collections import Counter

import numpy as np
import pytest

from motet.features.plan import MIN_BATCH, TrainingPlan
from motet.features.questions import Questions, TaskLabels
from motet.features.views import View
from motet.schema import TEST, TRAIN

from ._asked import told, wanted


def steps(study, active, *, seed=0, epoch=0):
    """Per step, per task: what is asked, in order."""
    return [
        {task: [one for batch in batches for one in told(study, batch, task)] for task in active}
        for _, batches in study.plan.epoch(seed, epoch, active)
    ]


@pytest.fixture(params=["study", "windowed"])
def any_study(request):
    return request.getfixturevalue(request.param)


def test_every_training_question_is_asked_once_in_an_epoch_and_nothing_else(any_study):
    tasks = list(any_study.examples)
    found = steps(any_study, tasks, epoch=3)
    for task in tasks:
        asked = Counter(one for step in found for one in step[task])
        assert asked == Counter(wanted(any_study, task, TRAIN)), task
        assert sum(asked.values()) == int((any_study.examples[task].part_n == TRAIN).sum()) > 0


def test_a_twin_sees_the_very_same_rows_in_the_same_steps(any_study):
    together = steps(any_study, list(any_study.examples), seed=4, epoch=1)
    for task in any_study.examples:
        assert steps(any_study, [task], seed=4, epoch=1) == [{task: step[task]} for step in together], task


def test_a_twin_carries_no_question_of_others(study):
    for _, batches in study.plan.epoch(0, 0, ["rating"]):
        for batch in batches:
            for block in batch.blocks:
                assert set(block.targets) == {"rating"} and len(block.targets["rating"].index_m) == block.size


def test_order_depends_on_seed_and_epoch_alone(study):
    tasks = list(study.examples)
    first = steps(study, tasks)
    assert steps(study, tasks) == first
    assert steps(study, tasks[::-1]) == first
    for changed in (steps(study, tasks, epoch=1), steps(study, tasks, seed=1)):
        assert all([step[task] for step in changed] != [step[task] for step in first] for task in tasks)


def test_the_same_plan_made_again_is_the_same_plan(study):
    trunk, train = study.project.trunk, study.project.train
    starts = study.division.events.starts
    again = TrainingPlan(study.features.questions, starts, max_history=trunk.max_history, batch=train.batch)
    for (_, one), (_, other) in zip(study.plan.epoch(0, 0, ["buy"]), again.epoch(0, 0, ["buy"]), strict=True):
        assert [batch.segments.event_BL.tolist() for batch in one] == [b.segments.event_BL.tolist() for b in other]


def test_a_step_is_one_pass_over_histories_and_one_per_other_view(study):
    views = {view.name: view for view in study.features.state.views.values()}
    alone = {name for name, view in views.items() if "history" not in view.sources}
    for _, batches in study.plan.epoch(0, 0, study.examples):
        assert [batch.segments is None for batch in batches] == [True] * len(alone) + [False]
        assert {block.view for batch in batches[:-1] for block in batch.blocks} == alone
        assert {block.view for block in batches[-1].blocks} <= set(views) - alone


def test_small_data_makes_few_steps_and_a_batch_is_a_target(study):
    starts = study.division.events.starts
    alone = TrainingPlan(study.features.questions, starts, max_history=10, batch=None)
    histories = sum(len(alone.train[name]) for name in alone.histories)
    assert alone.steps == -(-histories // MIN_BATCH)
    assert TrainingPlan(study.features.questions, starts, max_history=10, batch=10**9).steps == 1


def test_no_stretch_is_padded_when_another_of_its_length_is_there(study):
    """Steps hold stretches of like length, so most of a batch is events."""
    filled = [
        (batch.segments.event_BL > 0).mean()
        for _, batches in study.plan.epoch(0, 0, ["next_item"])
        for batch in batches
    ]
    assert np.mean(filled) > 0.6


def test_a_question_that_one_task_trains_on_and_another_judges_is_asked_for_the_first_alone():
    def labels(question, part):
        return TaskLabels(np.array(question), np.arange(len(question)).astype(np.float32), np.array(part, np.int8))

    tasks = {"one": labels([0, 1, 2], [TRAIN, TRAIN, TEST]), "other": labels([0, 1, 3], [TEST, TRAIN, TRAIN])}
    rows = np.arange(4)
    questions = Questions(View("notes", ("text",), ("t",)), rows, None, None, None, None, tasks)
    plan = TrainingPlan({questions.view.name: questions}, None, max_history=5, batch=8)
    ((_, (batch,)),) = plan.epoch(0, 0, ["one", "other"])
    (block,) = batch.blocks
    asked = {
        task: dict(zip(block.row_n[target.index_m].tolist(), target.label_m.tolist(), strict=True))
        for task, target in block.targets.items()
    }
    assert asked == {"one": {0: 0.0, 1: 1.0}, "other": {1: 1.0, 3: 2.0}}
