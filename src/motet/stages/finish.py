"""From trained arms to a folder: what ships, how good it is, and the report."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motet.data import Tables
from motet.evaluate import Evaluation, evaluate
from motet.model.assemble import MotetModel
from motet.model.parts import Served
from motet.report import write_report
from motet.stages.certifying import TrainedArms
from motet.stages.counts import data_counts
from motet.stages.outcomes import Outcome
from motet.stages.packing import pack
from motet.stages.refitting import refit
from motet.stages.running import Arms, work_folder
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
        {"joint": outcome.model}, dict.fromkeys(tasks, "joint"), study.features.state, study.features.arrays.items
    )
    evaluation = evaluate({task: outcome.answers[task]["test"] for task in tasks})
    _pack(study, served, evaluation, [outcome], tables, out, None)
    return Finished(out, evaluation, None)


def finish_certified(study: Study, arms: Arms, tables: Tables, out: Path, *, watch: Watch) -> Finished:
    """Certify, repair, and pack what ships: the first seed's joint model, and the twins of repaired tasks."""
    seeds = tuple(outcome.seed for outcome in arms.joint)
    trained = TrainedArms(study, arms.joint, arms.twins, lambda task: watch.judging(task, "baseline"))
    certified = certify(
        study.project.tasks, seeds, trained, margin=study.project.certify.margin, on_progress=watch.judging
    )
    names = {
        task: "joint" if arm == "joint" else f"twin-{number}"
        for number, (task, arm) in enumerate(certified.routes.items())
    }
    shipping = {name: (arms.joint if name == "joint" else arms.twins[task])[0] for task, name in names.items()}
    models = {name: _shipped(study, outcome, watch) for name, outcome in shipping.items()}
    served = Served(models, names, study.features.state, study.features.arrays.items)
    evaluation = evaluate({task: shipping[name].answers[task]["test"] for task, name in names.items()})
    outcomes = [*arms.joint, *(outcome for each in arms.twins.values() for outcome in each)]
    _pack(study, served, evaluation, outcomes, tables, out, to_json(certified.certificate))
    return Finished(out, evaluation, certified.certificate)


def _shipped(study: Study, outcome: Outcome, watch: Watch) -> MotetModel:
    return refit(study, outcome, watch=watch) if study.project.train.refit else outcome.model


def _pack(
    study: Study,
    served: Served,
    evaluation: Evaluation,
    outcomes: Sequence[Outcome],
    tables: Tables,
    out: Path,
    certificate: dict[str, Any] | None,
) -> None:
    log = [{"arm": outcome.arm, "seed": outcome.seed, **row} for outcome in outcomes for row in outcome.log]
    seed = study.project.train.seed
    pack(study, served, evaluation, log, out, seed=seed, certificate=certificate, counts=data_counts(study, tables))
    write_report(out)
    shutil.rmtree(work_folder(out), ignore_errors=True)
