"""A folder's models after they were made smaller: trained on for a little, asked and calibrated as before."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from motet.errors import RequestError
from motet.model.assemble import MotetModel, count_parameters
from motet.model.parts import Served
from motet.stages.arms import new_balancer
from motet.stages.calibrating import calibrations
from motet.stages.continuing import balanced_for, judge_where_held
from motet.stages.mixing import open_gates, shut
from motet.stages.outcomes import Asking, Outcome
from motet.stages.repairing import OTHER_STREAM
from motet.stages.softening import softener
from motet.stages.study import Study
from motet.stages.watching import Watch
from motet.train.loop import TrainedModel, fit
from motet.train.start import Start

IMITATE = 0.5
"""What the original's answers count, and its labels the rest, where both are learned from at once."""


@dataclass(frozen=True)
class Remaking:
    """How a smaller model is trained. name: of the form, for its checkpoints in `work`. watch: who is told."""

    name: str
    work: Path
    watch: Watch


def check_frozen(served: Served) -> None:
    """Raise RequestError where the language model was trained: its passes are too slow to go on with."""
    if served.tuned:
        raise RequestError(
            "This model trained its language model, which would be trained on, text by text.",
            "Compress without this method; 'student' takes the language model out.",
        )


def tutor_of(model: MotetModel) -> MotetModel:
    """Return a copy of a model to learn from: the network alone, without its memory."""
    return shut(copy.deepcopy(model)).eval().requires_grad_(False)


def trained_on(
    study: Study, model: MotetModel, tasks: tuple[str, ...], start: Start, going: Remaking, *, anew: bool = False
) -> TrainedModel:
    """Return the model trained in place: for as many passes as an update takes, or, anew, as a new model is."""
    project = study.project
    update = {
        "epochs": project.update.epochs,
        "patience": project.update.epochs,
        "learning_rate": project.train.learning_rate * project.update.rate,
    }
    config = project.train if anew else project.train.model_copy(update=update)
    shape = replace(model.shape, tasks={task: model.shape.tasks[task] for task in tasks})
    seed = project.train.seed + OTHER_STREAM
    going.watch.planned([(going.name, seed)], config.epochs)
    trained = fit(
        shut(model).train(),
        study.plan,
        study.tensors,
        new_balancer(balanced_for(study, shape), shape),
        judge_where_held(study, shape),
        config=config,
        seed=seed,
        listeners=going.watch.listeners(going.name, seed),
        checkpoints=going.work / going.name,
        budget_seconds=None if project.train.minutes is None else 60 * project.train.minutes,
        start=start,
        soften=softener(study, shape),
    )
    going.watch.trained(going.name, seed, trained.seconds)
    return trained


def remade(study: Study, served: Served, models: Mapping[str, TrainedModel], routes: Mapping[str, str]) -> Served:
    """Return what answers with these models: their rankings mixed with the memory anew, and calibrated anew."""
    for name, trained in models.items():
        open_gates(study, trained.model, [task for task, each in routes.items() if each == name])
    outcomes = {name: _outcome(study, name, trained, routes) for name, trained in models.items()}
    return replace(
        served,
        models={name: outcome.model for name, outcome in outcomes.items()},
        routes=dict(routes),
        calibration=calibrations(study, {task: outcomes[name] for task, name in routes.items()}),
    )


def _outcome(study: Study, name: str, trained: TrainedModel, routes: Mapping[str, str]) -> Outcome:
    model = trained.model.eval().requires_grad_(True)
    asking = Asking(study, model, [task for task, each in routes.items() if each == name])
    size, seed = count_parameters(model), study.project.train.seed
    return Outcome(name, seed, model, asking, trained.seconds, size, trained.log, trained.best_epoch)
