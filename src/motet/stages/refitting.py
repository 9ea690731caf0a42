"""Train what ships once more, on all rows: nothing is held back any longer, so nothing can be judged any longer.

The passes are as many as the judged model took to its best epoch, and a ranking believes its memory as far as it was
found to be right. What the artifact reports was measured before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from motet.features.plan import TrainingPlan
from motet.model.assemble import MotetModel
from motet.schema import TRAIN
from motet.stages.arms import arm_shape, new_balancer, new_model
from motet.stages.augmenting import plan_of
from motet.stages.growing import between
from motet.stages.head_start import take_over
from motet.stages.mixing import keep_gates, shut
from motet.stages.outcomes import Outcome
from motet.stages.repairing import Repairs
from motet.stages.softening import softener
from motet.stages.study import Study
from motet.stages.watching import Watch
from motet.train.loop import fit


def refit(study: Study, outcome: Outcome, *, watch: Watch) -> MotetModel:
    """Return the arm's model trained anew on training, validation and test rows together."""
    task = None if outcome.arm == "joint" else outcome.arm
    shape = arm_shape(study, task)
    model = new_model(study, shape, seed=outcome.seed)
    if outcome.first is not None:
        take_over(model, refit(study, outcome.first, watch=watch))
    trained = fit(
        shut(model),
        plan_of_all_rows(study),
        study.tensors,
        new_balancer(study, shape),
        lambda model: {},
        config=study.project.train,
        seed=outcome.seed,
        listeners=watch.listeners(f"{outcome.arm} (all rows)", outcome.seed),
        epochs=outcome.best_epoch + 1,
        soften=softener(study, shape),
    )
    return keep_gates(trained.model, outcome.model)


def refit_repairs(repairs: Repairs, routes: Mapping[str, str], *, watch: Watch) -> Repairs:
    """Return the arms that ship, first seed, trained anew on all rows, every repair on the way repeated.

    A private part is taught by the twin that was judged.
    """
    study = repairs.study
    found = Repairs(study, (), {**repairs.twins}, watch=watch)
    found.made, found.going = {}, repairs.going
    plan = plan_of_all_rows(study)

    def anew(arm: str) -> MotetModel:
        if arm not in found.made:
            found.made[arm] = [replace(repairs.made[arm][0], model=trained(arm))]
        return found.made[arm][0].model

    def trained(arm: str) -> MotetModel:
        first = repairs.made[arm][0]
        going = repairs.going.get(arm)
        if going is None:
            return refit(study, first, watch=watch)
        name = repairs.fork_of(arm) if going.fork else arm
        base = anew(going.base)
        epochs = first.best_epoch + 1
        model = repairs.go_on(name, base, repairs.made[going.base][0], epochs=epochs, plan=plan).model
        return keep_gates(between(base, model, going.share) if going.fork else model, first.model)

    twins = {}
    for task, arm in routes.items():
        if arm == "twin":
            first = repairs.twins[task][0]
            twins[task] = [replace(first, model=refit(study, first, watch=watch))]
        else:
            anew(arm)
    found.twins = {**repairs.twins, **twins}
    return found


def plan_of_all_rows(study: Study) -> TrainingPlan:
    """Return the study's plan with every known label a training label."""
    questions = {
        view: replace(
            each,
            tasks={
                task: replace(labels, part_m=np.where(labels.part_m >= 0, TRAIN, labels.part_m).astype(np.int8))
                for task, labels in each.tasks.items()
            },
        )
        for view, each in study.features.questions.items()
    }
    return plan_of(study.project, study.division, study.features, questions)
