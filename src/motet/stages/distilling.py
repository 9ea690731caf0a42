"""A smaller joint model that learns from the answers of those that serve (Hinton et al. 2015, arXiv:1503.02531).

Half the width and half the layers. Tasks with few possible answers learn from the teachers' answers to all training
questions, asked once and counted beside the labels as a certificate's tutors are; rankings, whose answers are whole
catalogues, imitate their teacher in every step. Twins that serve beside the joint model are taken into the student.
"""

from __future__ import annotations

import math
from dataclasses import replace

from motet.errors import RequestError
from motet.model.parts import Served
from motet.model.shape import ModelShape
from motet.stages.arms import new_model
from motet.stages.remaking import IMITATE, Remaking, check_frozen, remade, trained_on, tutor_of
from motet.stages.study import Study
from motet.stages.tutoring import tutored_by
from motet.train.start import Start

STEP = 8
"""Widths are multiples of this, and of the number of heads."""


def distilled(study: Study, served: Served, going: Remaking) -> Served:
    """Return one smaller model in place of all that serve.

    Raises RequestError where a model cannot be smaller, or trained its language model.
    """
    check_frozen(served)
    shape = smaller(_shape(study, served))
    teachers = {task: tutor_of(served.models[name]) for task, name in served.routes.items()}
    soft = tutored_by(study, {task: [teacher] for task, teacher in teachers.items()})
    start = Start(
        tasks=tuple(shape.tasks),
        tutors={task: teacher for task, teacher in teachers.items() if task not in soft},
        steady=IMITATE,
    )
    model = new_model(study, shape, seed=study.project.train.seed)
    trained = trained_on(replace(study, tutored=soft), model, start.tasks, start, going, anew=True)
    return remade(study, served, {"joint": trained}, dict.fromkeys(served.routes, "joint"))


def smaller(shape: ModelShape) -> ModelShape:
    """Return the shape with half the width and half the layers, rounded up."""
    unit = math.lcm(STEP, shape.heads)
    width, layers = max(unit, -(-shape.width // (2 * unit)) * unit), -(-shape.layers // 2)
    if width >= shape.width and layers >= shape.layers:
        raise RequestError(
            f"A model of width {shape.width} with {shape.layers} layers can hardly be smaller.",
            "Compress without the method 'distil'.",
        )
    return replace(shape, width=min(width, shape.width), layers=layers)


def _shape(study: Study, served: Served) -> ModelShape:
    """The shape of a joint model of what is answered, and of what helps it."""
    known = study.shape.tasks
    tasks = [task for task, each in known.items() if task in served.routes or each.auxiliary]
    if len(served.routes) == 1:
        return study.shape.only(next(iter(served.routes)))
    return replace(study.shape, tasks={task: known[task] for task in tasks})
