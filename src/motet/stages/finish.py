"""From trained arms to a folder: what ships, how good it is, and the report."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from motet.data import Tables
from motet.evaluate import Evaluation
from motet.model.parts import Served
from motet.stages.calibrating import calibrations, judged
from motet.stages.certifying import TrainedArms
from motet.stages.choosing import chosen_json, chosen_rows
from motet.stages.counts import data_counts
from motet.stages.exampling import report, users_of_test
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


@dataclass(frozen=True)
class Extra:
    """What a folder holds beside the model. log: rows of other runs. folds: what all folds found. seed: of the model,
    where it is not the project's. refit: whether what ships was trained once more, on all rows.
    """

    certificate: Certificate | None = None
    log: Sequence[Mapping[str, Any]] = ()
    folds: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    refit: bool = False


def finish_trained(
    study: Study, outcome: Outcome, tables: Tables, out: Path, *, folds: Mapping[str, Any] | None = None
) -> Finished:
    """Pack a model that was trained without a comparison. folds: what the other folds found, where there are some."""
    served, evaluation = judge_trained(study, outcome)
    _pack(study, served, evaluation, [outcome], tables, out, Extra(folds=folds or {}, seed=outcome.seed))
    return Finished(out, evaluation, None)


def judge_trained(study: Study, outcome: Outcome) -> tuple[Served, Evaluation]:
    """Return a trained model as it would be served, and what its test answers are worth."""
    tasks = list(outcome.answers)
    served = Served(
        {"joint": outcome.model},
        dict.fromkeys(tasks, "joint"),
        study.features.state,
        study.features.arrays.items,
        study.features.memory,
        calibrations(study, dict.fromkeys(tasks, outcome)),
    )
    return served, _judged(study, served, dict.fromkeys(tasks, outcome))


def finish_certified(study: Study, arms: Arms, tables: Tables, out: Path, *, watch: Watch) -> Finished:
    """Certify, repair, and pack what ships of the first seed: the joint model, models beside it, and twins."""
    study = replace(study, tutored=arms.tutored)
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
        tutored=tuple(study.tutored),
        on_progress=watch.judging,
    )
    return ship(trained, certified.routes, certified.certificate, tables, out, watch=watch)


def ship(
    trained: TrainedArms,
    routes: Mapping[str, str],
    certificate: Certificate,
    tables: Tables,
    out: Path,
    *,
    watch: Watch,
    extra: Extra | None = None,
) -> Finished:
    """Pack what answers each task by `routes`, of the first seed, with its certificate."""
    study, repairs = trained.study, trained.repairs
    first = {task: arm_outcomes(repairs, task, arm)[0] for task, arm in routes.items()}
    maps = calibrations(study, first)
    anew = study.project.train.refit
    answering = refit_repairs(repairs, routes, watch=watch) if anew else repairs
    shipping = compose(answering, routes)
    names = {task: each.name for task in routes for each in shipping if task in each.tasks}
    models = {each.name: each.model for each in shipping}
    served = Served(models, names, study.features.state, study.features.arrays.items, study.features.memory, maps)
    evaluation = _judged(study, served, first)
    extra = replace(extra or Extra(), certificate=certificate, refit=anew)
    _pack(study, served, evaluation, trained_outcomes(trained.repairs), tables, out, extra)
    return Finished(out, evaluation, certificate)


def trained_outcomes(repairs: Repairs) -> list[Outcome]:
    """Return everything that was trained for a certificate: joint, twins, repairs."""
    twins = (outcome for each in repairs.twins.values() for outcome in each)
    return [*repairs.made["joint"], *twins, *repairs.trained]


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
    extra: Extra,
) -> None:
    chosen = chosen_json(study)
    certificate = None if extra.certificate is None else to_json(extra.certificate)
    if certificate is not None and chosen:
        certificate = {**certificate, "chosen": chosen}
    log = [*chosen_rows(study), *extra.log]
    log += [{"arm": outcome.arm, "seed": outcome.seed, **row} for outcome in outcomes for row in outcome.log]
    seed = study.project.train.seed if extra.seed is None else extra.seed
    counts = data_counts(study, tables)
    pack(
        study,
        served,
        evaluation,
        log,
        out,
        seed=seed,
        certificate=certificate,
        counts=counts,
        chosen=chosen,
        folds=extra.folds,
        refit=extra.refit,
    )
    report(out, users_of_test(study), data=study.project.root)
    shutil.rmtree(work_folder(out), ignore_errors=True)
