"""A trained model goes on: from its weights, on new rows and a sample of old ones, held by what it answered so far.

Tasks without new rows imitate the running model, all others learn from labels and from it at once (replay with
distillation: Buzzega et al. 2020, arXiv:2004.07211).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from motet.features.plan import TrainingPlan
from motet.model.assemble import MotetModel, count_parameters
from motet.model.shape import ModelShape
from motet.schema import BalanceConfig
from motet.stages.answer import questions_of_role
from motet.stages.arms import judge, new_balancer
from motet.stages.mixing import open_gates, shut
from motet.stages.outcomes import Asking, Outcome
from motet.stages.regained import Running
from motet.stages.repairing import OTHER_STREAM, folder_name
from motet.stages.softening import softener
from motet.stages.study import Study
from motet.stages.watching import Watch
from motet.train.loop import OnValidate, TrainedModel, fit
from motet.train.start import Start
from motet.train.teachers import closable


@dataclass(frozen=True)
class Going:
    """How training goes on. news: by task, its new training questions. work: where checkpoints are."""

    plan: TrainingPlan
    news: Mapping[str, int]
    work: Path
    watch: Watch


def go_on(study: Study, running: Running, going: Going) -> dict[str, Outcome]:
    """Return, by name, what every model of a folder becomes; one without anything new stays as it is."""
    update, seed = study.project.update, study.project.train.seed
    routes = running.served.routes
    answered = {name: [task for task, each in routes.items() if each == name] for name in running.models}
    learning = [name for name, tasks in answered.items() if any(going.news.get(task) for task in tasks)]
    going.watch.planned([(name, seed) for name in learning], update.epochs)
    found = {}
    for name, model in running.models.items():
        helpers = [task for task, each in model.shape.tasks.items() if each.auxiliary and name == "joint"]
        tasks = (*answered[name], *helpers)
        if name not in learning:
            found[name] = _outcome(study, name, model, answered[name], None)
            continue
        trained = train_on(study, model, start_of(model, tasks, going.news, update.imitate), going, arm=name)
        open_gates(study, trained.model, [task for task in tasks if _decidable(study, task)])
        going.watch.trained(name, seed, trained.seconds)
        found[name] = _outcome(study, name, trained.model, answered[name], trained)
    return found


def start_of(model: MotetModel, tasks: tuple[str, ...], news: Mapping[str, int], imitate: float) -> Start:
    """Return how a model goes on: what has nothing new is closed, the rest has the model as it was for a tutor."""
    still = [task for task in closable(model.shape) if task in tasks and not news.get(task)]
    tutor = shut(copy.deepcopy(model)).eval().requires_grad_(False)
    open_tasks = [task for task in tasks if task not in still and not model.shape.tasks[task].auxiliary]
    return Start(tasks=tasks, closed=tuple(still), tutors=dict.fromkeys(open_tasks, tutor), steady=imitate)


def train_on(study: Study, base: MotetModel, start: Start, going: Going, *, arm: str) -> TrainedModel:
    """Return what training makes of a copy of `base`, within the passes that an update may take."""
    project = study.project
    config = project.train.model_copy(
        update={
            "epochs": project.update.epochs,
            "patience": project.update.epochs,
            "learning_rate": project.train.learning_rate * project.update.rate,
        }
    )
    shape = replace(base.shape, tasks={task: base.shape.tasks[task] for task in start.tasks})
    return fit(
        shut(copy.deepcopy(base)).train(),
        going.plan,
        study.tensors,
        new_balancer(balanced_for(study, shape), shape),
        judge_where_held(study, shape),
        config=config,
        seed=project.train.seed + OTHER_STREAM,
        listeners=going.watch.listeners(arm, project.train.seed),
        checkpoints=going.work / folder_name(f"going on, {arm}", project.train.seed),
        start=start,
        soften=softener(study, shape) if len(start.tasks) > 1 else None,
    )


def judge_where_held(study: Study, shape: ModelShape) -> OnValidate:
    """Return the judge of half A; a task with nothing to ask there neither gains nor loses."""
    asked = {task: each for task, each in shape.tasks.items() if not each.auxiliary and _decidable(study, task)}
    scored = judge(study, replace(shape, tasks=asked))
    return lambda model: {**dict.fromkeys(shape.judged, 0.0), **scored(model)}


def balanced_for(study: Study, shape: ModelShape) -> Study:
    """Return the study with a balancer for these tasks: one task has nothing to be balanced with."""
    main = study.project.balance.main
    if len(shape.tasks) > 1 and (main is None or main in shape.tasks):
        return study
    return replace(study, project=study.project.model_copy(update={"balance": BalanceConfig(kind="scale")}))


def _decidable(study: Study, task: str) -> bool:
    return len(questions_of_role(study, task, "A")) > 0


def _outcome(study: Study, name: str, model: MotetModel, tasks: list[str], trained: TrainedModel | None) -> Outcome:
    model = model.eval().requires_grad_(True)
    return Outcome(
        name,
        study.project.train.seed,
        model,
        Asking(study, model, tasks),
        0.0 if trained is None else trained.seconds,
        count_parameters(model),
        [] if trained is None else trained.log,
        0 if trained is None else trained.best_epoch,
    )
