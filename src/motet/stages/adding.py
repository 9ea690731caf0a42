"""A new task on an old model: learned on the trunk that is there, beside the others and without moving them.

A frozen trunk leaves all other answers as they are, bit by bit. A shared one learns on: then the others imitate what
they answered before (Li & Hoiem 2016, arXiv:1606.09282), and are compared with it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch

from motet.evaluate import compare
from motet.model.assemble import MotetModel, build, count_parameters
from motet.model.parts import Served
from motet.model.prime import prime
from motet.model.shape import ModelShape, SharingShape
from motet.stages.answer import answer, questions_of_role
from motet.stages.arms import new_balancer
from motet.stages.comparing import Against, verdicts
from motet.stages.continuing import balanced_for, judge_where_held
from motet.stages.growing import fill, with_adapter
from motet.stages.looking import judge_batches
from motet.stages.mixing import keep_gates, open_gates, shut
from motet.stages.outcomes import Asking, Outcome, run_arm
from motet.stages.repairing import OTHER_STREAM, RANK, folder_name
from motet.stages.softening import softener
from motet.stages.study import Study
from motet.stages.watching import Watch
from motet.train.loop import TrainedModel, fit
from motet.train.start import Start
from motet.train.teachers import closable
from motet.transfer.harm import seems_harmed

How = Literal["frozen", "shared"]
ASKED = 64
"""Labels per task on which it is checked that the others answer as before."""


@dataclass(frozen=True)
class Added:
    """A new task. outcome: of what answers it. name: of that model in the folder. alone: learned without the old model.

    certificate: what was learned on the old trunk against learning alone, on test questions. routed: whether its twin
    answers, because on validation questions the old trunk looks worse.
    """

    task: str
    name: str
    outcome: Outcome
    alone: Outcome
    certificate: Against
    routed: bool


def grow_task(study: Study, base: MotetModel, task: str) -> tuple[MotetModel, bool]:
    """Return a model with the weights of `base` and room for a task, and whether it still answers all others.

    Where the strategy ties the tasks together, so that room for one would change the others' answers, it is a model of
    its own with the same trunk.
    """
    seed = study.project.train.seed
    view = study.shape.tasks[task].view
    shape = replace(
        base.shape,
        tasks={**base.shape.tasks, task: study.shape.tasks[task]},
        views={**base.shape.views, view: base.shape.views.get(view, study.shape.views[view])},
    )
    beside = _primed(study, build(with_adapter(shape, task, RANK), seed=seed), base)
    if _unmoved(study, base, beside):
        return beside, True
    alone = replace(
        shape,
        tasks={task: shape.tasks[task]},
        views={view: shape.views[view]},
        sharing=SharingShape("shared_bottom", ranks={task: RANK}),
    )
    return _primed(study, build(alone, seed=seed), base), False


def _primed(study: Study, model: MotetModel, base: MotetModel) -> MotetModel:
    items = study.features.arrays.items
    prime(model, study.features.state.labels, None if items is None else items.count[1:])
    fill(model, base)
    return model.to(study.tensors.device)


def _unmoved(study: Study, base: MotetModel, grown: MotetModel) -> bool:
    """Whether all tasks of `base` answer a few questions exactly as before."""
    grown.eval()
    base.eval()
    tasks = [task for task in base.shape.judged if task in study.examples]
    for batch in judge_batches(study, tasks, most=ASKED):
        for task in {name for block in batch.blocks for name in block.targets}:
            if not torch.equal(*(each.answers_to(task, batch, study.tensors) for each in (base, grown))):
                return False
    return True


def learn(study: Study, base: MotetModel, task: str, *, how: How, work: Path, watch: Watch) -> tuple[Outcome, bool]:
    """Return the outcome of learning a task on a trained model, and whether the model still answers all its others."""
    model, joined = grow_task(study, base, task)
    known = {name for name, weight in base.named_parameters() if weight.shape == _shape_of(model, name)}
    others = tuple(name for name in base.shape.judged if joined)
    start = Start(tasks=(task,))
    if how == "shared" and joined:
        tutor = shut(copy.deepcopy(model)).eval().requires_grad_(False)
        closed = tuple(name for name in closable(model.shape) if name in others)
        ranked = {name: tutor for name in others if name not in closed}
        start = Start(tasks=(task, *others), closed=closed, tutors=ranked, steady=1.0)
    else:
        for name, weight in model.named_parameters():
            weight.requires_grad_(name not in known)
    trained = _trained(study, model, start, work=work / folder_name(f"added {task} {how}", 0), watch=watch, task=task)
    learned = trained.model
    if how == "frozen":
        # nothing but what is new comes back, so that all other tasks answer as before
        fill(learned, base)
    tasks = (task, *others) if joined else (task,)
    # training shuts all gates; those of rankings whose network has moved are chosen anew
    open_gates(study, keep_gates(learned, base), tasks if how == "shared" else (task,))
    learned = learned.eval().requires_grad_(True)
    outcome = Outcome(
        f"added {task}",
        study.project.train.seed,
        learned,
        Asking(study, learned, tasks),
        trained.seconds,
        count_parameters(learned),
        trained.log,
        trained.best_epoch,
    )
    return outcome, joined


def _shape_of(model: MotetModel, name: str) -> object:
    found = dict(model.named_parameters()).get(name)
    return None if found is None else found.shape


def _trained(study: Study, model: MotetModel, start: Start, *, work: Path, watch: Watch, task: str) -> TrainedModel:
    tasks = {name: model.shape.tasks[name] for name in start.tasks}
    shape: ModelShape = replace(model.shape, tasks=tasks)
    seed = study.project.train.seed
    return fit(
        shut(model).train(),
        study.plan,
        study.tensors,
        new_balancer(balanced_for(study, shape), shape),
        judge_where_held(study, shape),
        config=study.project.train,
        seed=seed + OTHER_STREAM,
        listeners=watch.listeners(f"added {task}", seed),
        checkpoints=work,
        start=start,
        soften=softener(study, shape) if len(tasks) > 1 else None,
    )


def add(study: Study, served: Served, task: str, *, how: How, margin: float, work: Path, watch: Watch) -> Added:
    """Return a new task, learned on the model that is there and alone; what is better than alone answers."""
    base = served.models["joint"] if "joint" in served.models else next(iter(served.models.values()))
    seed = study.project.train.seed
    watch.planned([(f"added {task}", seed), (task, seed)], study.project.train.epochs)
    outcome, joined = learn(study, base, task, how=how, work=work, watch=watch)
    watch.trained(f"added {task}", seed, outcome.seconds)
    alone = run_arm(study, task, seed, work=work, listeners=watch.listeners(task, seed))
    watch.trained(task, seed, alone.seconds)
    test = questions_of_role(study, task, "test")
    difference = compare([outcome.answers[task]["test"]], [alone.answers[task]["test"]])
    certificate = verdicts(study, {task: (difference, "held out", len(test))}, margin=margin)[task]
    # what is chosen by test questions would flatter what they say of it
    if seems_harmed(compare([outcome.answers[task]["valid"]], [alone.answers[task]["valid"]])):
        return Added(task, _free_name(served, "twin"), alone, alone, certificate, True)
    return Added(task, "joint" if joined else _free_name(served, "added"), outcome, alone, certificate, False)


def against_before(study: Study, served: Served, model: MotetModel, *, margin: float) -> Mapping[str, Against]:
    """Return what a shared trunk that learned on did to the other tasks, against what they answered before."""
    found = {}
    for task, name in served.routes.items():
        if name != "joint" or task not in study.examples:
            continue
        chosen = questions_of_role(study, task, "test")
        now, before = (answer(study, each, task, chosen) for each in (model, served.models[name]))
        found[task] = compare([now], [before]), "held out", len(chosen)
    return verdicts(study, found, margin=margin) if found else {}


def _free_name(served: Served, word: str) -> str:
    number = 0
    while f"{word}-{number}" in served.models:
        number += 1
    return f"{word}-{number}"
