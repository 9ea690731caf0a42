from dataclasses import replace

import torch

from motet.model.assemble import build
from motet.train.progress import CLOSE_AFTER, Progress
from motet.train.teachers import Teachers, closable

from ._runs import digest


def scored(progress, teachers, model, epoch, **scores):
    progress.update(epoch, {task: scores.get(task, float(epoch)) for task in progress.tasks})
    teachers.follow(model, progress, epoch)


def test_all_but_rankings_may_be_closed_and_nobody_alone(study):
    assert closable(study.shape) == ("rating", "sentiment")
    assert closable(study.shape.only("rating")) == ()


def shaken(model, seed):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(generator=torch.Generator().manual_seed(seed))
    return digest(model)


def closed_run(study, names=("rating", "sentiment")):
    """A run in which the first task peaked at epoch 1 and is closed; its model at each epoch."""
    model = build(study.shape, seed=0)
    progress = Progress(tuple(study.shape.tasks), patience=9, closable=names)
    teachers, digests = Teachers(model), []
    for epoch in range(CLOSE_AFTER + 2):
        digests.append(shaken(model, epoch))
        scored(progress, teachers, model, epoch, **{names[0]: [0.0, 2.0, 1.0, 1.0, 1.0][epoch]})
    return model, progress, teachers, digests


def test_a_closed_task_is_taught_by_its_own_best(study):
    model, progress, teachers, digests = closed_run(study)
    assert progress.closed == ["rating"] and set(teachers.active) == {"rating"}
    teacher = teachers.active["rating"]
    assert digest(teacher) == digests[1] != digest(model)
    assert not teacher.training and not any(each.requires_grad for each in teacher.parameters())


def test_a_teacher_stays_as_it_is(study):
    model, progress, teachers, digests = closed_run(study)
    shaken(model, 99)
    scored(progress, teachers, model, 5, rating=50.0)
    assert digest(teachers.active["rating"]) == digests[1]


def test_nobody_is_taught_before_anybody_is_closed(study):
    model = build(study.shape, seed=0)
    progress, teachers = Progress(tuple(study.shape.tasks), 9, closable(study.shape)), Teachers(model)
    scored(progress, teachers, model, 0)
    assert not teachers.active


def test_teachers_come_back_from_their_tensors(study):
    model, progress, teachers, _ = closed_run(study)
    tensors = {name: value.clone() for name, value in teachers.to_tensors().items()}
    again = Teachers(model)
    again.restore(tensors, progress, model)
    assert {task: digest(each) for task, each in again.active.items()} == {
        task: digest(each) for task, each in teachers.active.items()
    }
    scored(progress, again, model, CLOSE_AFTER + 2, sentiment=0.0)
    assert set(again.to_tensors()) == set(tensors)


def test_names_that_begin_alike_are_kept_apart(study):
    tasks = study.shape.tasks
    shape = replace(study.shape, tasks={"a": tasks["rating"], "a/b": tasks["sentiment"], "c": tasks["next_item"]})
    model, progress, teachers, digests = closed_run(replace(study, shape=shape), names=("a", "a/b"))
    again = Teachers(model)
    again.restore(teachers.to_tensors(), progress, model)
    assert digest(again.active["a"]) == digests[1]
