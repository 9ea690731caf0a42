"""The smallest numbers of every matrix put away, and a short training of the others by labels and the original.

What is left out takes a bit instead of a number in the folder; answers take as long as before.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

from motet.model.assemble import MotetModel
from motet.model.masks import Masks, held, of_numbers
from motet.model.parts import Served
from motet.stages.remaking import IMITATE, Remaking, check_frozen, remade, trained_on, tutor_of
from motet.stages.study import Study
from motet.train.loop import TrainedModel
from motet.train.start import Start

SHARE = 0.6
"""Of the numbers of a matrix that are put away."""


def pruned(study: Study, served: Served, going: Remaking) -> Served:
    """Return the models with six numbers in ten put away; raises RequestError for a trained language model."""
    check_frozen(served)
    trained = {}
    for name, model in served.models.items():
        base = copy.deepcopy(model)
        trained[name] = settled(study, base, served, name, of_numbers(base, SHARE), going, tutor=model)
    return remade(study, served, trained, served.routes)


def settled(
    study: Study,
    base: MotetModel,
    served: Served,
    name: str,
    masks: Masks,
    going: Remaking,
    *,
    tutor: MotetModel,
) -> TrainedModel:
    """Return the model called `name` trained on in place under masks, held by the one that it comes from."""
    tasks = tasks_of(served.routes, name, base)
    teacher = tutor_of(tutor)
    answered = [task for task in tasks if task in served.routes]
    start = Start(tasks=tasks, tutors=dict.fromkeys(answered, teacher), steady=IMITATE)
    with held(base, masks):
        return trained_on(study, base, tasks, start, replace(going, name=f"{going.name}-{name}"))


def tasks_of(routes: Mapping[str, str], name: str, model: MotetModel) -> tuple[str, ...]:
    """Return the tasks that a model goes on with: those that it answers and, of the joint model, its helpers."""
    helpers = [task for task, each in model.shape.tasks.items() if each.auxiliary and name == "joint"]
    return (*(task for task, each in routes.items() if each == name), *helpers)
