"""Train one arm of a comparison: the joint model, or one task's twin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from motet.evaluate import find, standard_error
from motet.model.assemble import MotetModel, build
from motet.model.prime import prime
from motet.model.shape import ModelShape
from motet.stages.answer import answers, questions_of_role
from motet.stages.head_start import main_task, take_over
from motet.stages.looking import watcher_of
from motet.stages.mixing import open_gates, shut
from motet.stages.softening import softener
from motet.stages.study import Study
from motet.train.balance import BALANCERS, Balancer
from motet.train.events import Listener
from motet.train.loop import TrainedModel, fit

MOST_VALIDATED = 10_000
"""Questions per task that judge an epoch; more cost time and change little."""


def train_arm(
    study: Study,
    *,
    task: str | None = None,
    seed: int,
    listeners: Sequence[Listener] = (),
    checkpoints: Path | None = None,
    budget_seconds: float | None = None,
    donor: MotetModel | None = None,
) -> TrainedModel:
    """Return the joint model (task None) or the twin of a task, trained and judged on validation half A.

    donor: a trained model whose weights this one starts from, as far as it has them too.
    """
    shape = arm_shape(study, task)
    model = new_model(study, shape, seed=seed)
    if donor is not None:
        take_over(model, donor)
    trained = fit(
        shut(model),
        study.plan,
        study.tensors,
        new_balancer(study, shape),
        judge(study, shape),
        config=study.project.train,
        seed=seed,
        listeners=listeners,
        checkpoints=checkpoints,
        budget_seconds=budget_seconds,
        watcher=watcher_of(study, model),
        soften=softener(study, shape),
        uncertainty=uncertainty(study, shape),
    )
    open_gates(study, trained.model)
    return trained


def arm_shape(study: Study, task: str | None) -> ModelShape:
    """Return the shape of an arm."""
    return study.shape if task is None else study.shape.only(task)


def new_model(study: Study, shape: ModelShape, *, seed: int) -> MotetModel:
    """Return an untrained model on the study's device, its heads at the training priors."""
    model = build(shape, seed=seed)
    items = study.features.arrays.items
    prime(model, study.features.state.labels, None if items is None else items.count[1:])
    model = model.to(study.tensors.device)
    for language in model.tuned():
        language.start(study.tensors.items)
    return model


def new_balancer(study: Study, shape: ModelShape) -> Balancer:
    """Return the project's balancer for an arm's tasks."""
    config = study.project.balance.model_copy(update={"main": main_task(study, shape)})
    made: Balancer = BALANCERS.get(config.kind)(
        {name: each.constant_loss for name, each in shape.tasks.items()},
        {name: each.weight for name, each in shape.tasks.items()},
        config,
    )
    return made


def judge(study: Study, shape: ModelShape) -> Callable[[MotetModel], dict[str, float]]:
    """Return the function that scores a model on validation half A: each task's primary metric, larger is better."""
    chosen = {task: questions_of_role(study, task, "A", most=MOST_VALIDATED) for task in shape.judged}

    def scores(model: MotetModel) -> dict[str, float]:
        found = {}
        for task, predictions in answers(study, model, chosen).items():
            metric = find(study.project.tasks[task].primary)
            value = metric.value(predictions)
            value = 0.0 if value != value else value  # an undefined metric says nothing, so it changes nothing
            found[task] = -value if metric.lower_is_better else value
        return found

    return scores


def uncertainty(study: Study, shape: ModelShape) -> Callable[[MotetModel], dict[str, float]]:
    """Return the function that tells how uncertain the scores of `judge` are: their standard errors over units."""

    def errors(model: MotetModel) -> dict[str, float]:
        asked = {task: questions_of_role(study, task, "A", most=MOST_VALIDATED) for task in shape.judged}
        return {task: standard_error(predictions) for task, predictions in answers(study, model, asked).items()}

    return errors
