"""From trained arms to a folder: what ships, how good it is, and the report."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motet.data import Tables
from motet.evaluate import Evaluation
from motet.model.parts import Served
from motet.report import write_report
from motet.stages.calibrating import calibrations, judged
from motet.stages.certifying import TrainedArms
from motet.stages.choosing import chosen_json, chosen_rows
from motet.stages.counts import data_counts
from motet.stages.outcomes import Outcome
from motet.stages.packing import item_vectors, pack
from motet.stages.refitting import refit_repairs
from motet.stages.repairing import Repairs
from motet.stages.running import Arms, work_folder
from motet.stages.shipping import arm_outcomes, compose
from motet.stages.study import Study
from motet.stages.watching import Watch
from motet.transfer import Certificate, certify, to_json


@dataclass(frozen=True)
class Finished:
    """A packed run."""

    path: Path
    evaluation: Evaluation
    certificate: Certificate | None


def finish_trained(study: Study, outcome: Outcome, tables: Tables, out: Path) -> Finished:
    """Pack a model that was trained without a comparison."""
    tasks = list(outcome.answers)
    served = Served(
        {"joint": outcome.model},
        dict.fromkeys(tasks, "joint"),
        study.features.state,
        study.features.arrays.items,
        study.features.memory,
        calibrations(study, dict.fromkeys(tasks, outcome)),
    )
    evaluation = _judged(study, served, dict.fromkeys(tasks, outcome))
    _pack(study, served, evaluation, [outcome], tables, out, None)
    return Finished(out, evaluation, None)


def finish_certified(study: Study, arms: Arms, tables: Tables, out: Path, *, watch: Watch) -> Finished:
    """Certify, repair, and pack what ships of the first seed: the joint model, models beside it, and twins."""
    seeds = tuple(outcome.seed for outcome in arms.joint)
    repairs = Repairs(study, arms.joint, arms.twins, work=arms.work, watch=watch)
    trained = TrainedArms(study, repairs, lambda task: watch.judging(task, "baseline"))
    settings = study.project.certify
    certified = certify(
        study.project.judged,
        seeds,
        trained,
        margin=settings.margin,
        ladder=settings.ladder,
        auxiliary=[name for name, task in study.project.tasks.items() if task.auxiliary],
        on_progress=watch.judging,
    )
    routes = certified.routes
    first = {task: arm_outcomes(repairs, task, arm)[0] for task, arm in routes.items()}
    maps = calibrations(study, first)
    if study.project.train.refit:
        repairs = refit_repairs(repairs, routes, watch=watch)
    shipping = compose(repairs, routes)
    names = {task: each.name for task in routes for each in shipping if task in each.tasks}
    models = {each.name: each.model for each in shipping}
    served = Served(models, names, study.features.state, study.features.arrays.items, study.features.memory, maps)
    evaluation = _judged(study, served, first)
    outcomes = [*arms.joint, *(outcome for each in arms.twins.values() for outcome in each), *trained.repairs.trained]
    _pack(study, served, evaluation, outcomes, tables, out, to_json(certified.certificate))
    return Finished(out, evaluation, certified.certificate)


def _judged(study: Study, served: Served, outcomes: Mapping[str, Outcome]) -> Evaluation:
    answers = {task: outcome.answers[task]["test"] for task, outcome in outcomes.items()}
    ranks = any(each.output == "ranking" for each in answers.values())
    return judged(study, answers, served.calibration, item_vectors(study, served) if ranks else None)


def _pack(
    study: Study,
    served: Served,
    evaluation: Evaluation,
    outcomes: Sequence[Outcome],
    tables: Tables,
    out: Path,
    certificate: dict[str, Any] | None,
) -> None:
    chosen = chosen_json(study)
    if certificate is not None and chosen:
        certificate = {**certificate, "chosen": chosen}
    log = chosen_rows(study)
    log += [{"arm": outcome.arm, "seed": outcome.seed, **row} for outcome in outcomes for row in outcome.log]
    seed = study.project.train.seed
    counts = data_counts(study, tables)
    pack(study, served, evaluation, log, out, seed=seed, certificate=certificate, counts=counts, chosen=chosen)
    write_report(out)
    shutil.rmtree(work_folder(out), ignore_errors=True)
