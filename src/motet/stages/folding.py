"""Go through the folds: each is a study of its own, trained, repaired and judged without a look at the others.

Fold i trains with seed `train.seed + i` in a place of its own beside the artifact, so that an interrupted run goes on
where it stopped. Of a fold that is judged only its answers are kept; the last one's model ships.
"""

from __future__ import annotations

import math
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from motet.data import Tables
from motet.evaluate import Evaluation, Predictions, compare_folds, spread_over_folds
from motet.schema import TEST, TRAIN, Project
from motet.stages.certifying import TrainedArms
from motet.stages.choosing import choose_kinds
from motet.stages.finish import Extra, Finished, finish_trained, judge_trained, ship, trained_outcomes
from motet.stages.outcomes import Outcome
from motet.stages.repairing import Repairs
from motet.stages.running import run_arms, run_one, work_folder
from motet.stages.shipping import arm_outcomes
from motet.stages.study import Study
from motet.stages.watching import Watch
from motet.transfer import Certificate, Choice, FoldedTask, certify_folds, climb

Make = Callable[[Project], Study]
"""A project with its fold named → the study of that fold, guarded."""
TOLD = ("twin", "joint", "shipped")


@dataclass(frozen=True)
class Folds:
    """All folds of a project that is checked. make: returns the study of one of them."""

    project: Project
    tables: Tables
    count: int
    make: Make
    out: Path
    resume: bool
    watch: Watch

    def study(self, fold: int, *, single: str | None = None) -> Study:
        """Return the study of a fold, every kind that was left open decided on its own validation questions."""
        self.watch.folding(fold, self.count)
        split = self.project.split.model_copy(update={"fold": fold})
        study = self.make(self.project.model_copy(update={"split": split}))
        place = self.place(fold)
        return choose_kinds(study, out=place, resume=self.resume, watch=self.watch, single=single)

    def seed(self, fold: int) -> int:
        """Return the seed of a fold."""
        return self.project.train.seed + fold

    def place(self, fold: int) -> Path:
        """Return where a fold works: beside the artifact."""
        return self.out.with_name(f"{self.out.name}.fold-{fold}")

    def clear(self) -> None:
        """Remove what the folds worked with."""
        for fold in range(self.count):
            shutil.rmtree(work_folder(self.place(fold)), ignore_errors=True)


@dataclass(frozen=True)
class JudgedFold:
    """What is kept of a fold: by task, its choice, and the test answers of twin, joint model and what it shipped.

    ratio: by task, test questions / training questions. seconds: of all training, and of its joint model.
    """

    choices: Mapping[str, Choice]
    answers: Mapping[str, Mapping[str, Predictions]]
    metrics: Mapping[str, Mapping[str, float]]
    calibration: Mapping[str, Mapping[str, tuple[float, float]]]
    baseline: Mapping[str, tuple[str, float] | None]
    ratio: Mapping[str, float]
    seconds: tuple[float, float]
    log: Sequence[Mapping[str, Any]] = field(default_factory=list)


def certify_all(folds: Folds) -> tuple[Finished, Mapping[str, Any], Study]:
    """Train, repair and judge every fold; return the packed last one with the certificate over all, and its study."""
    watch, found = folds.watch, list[JudgedFold]()
    for fold in range(folds.count):
        study = folds.study(fold)
        arms = run_arms(study, out=folds.place(fold), resume=folds.resume, watch=watch, seeds=[folds.seed(fold)])
        study = replace(study, tutored=arms.tutored)
        repairs = Repairs(study, arms.joint, arms.twins, work=arms.work, watch=watch)
        trained = TrainedArms(study, repairs, lambda task: watch.judging(task, "baseline"))
        found.append(_judge(trained, watch, fold))
    routes = {task: choice.arm for task, choice in found[-1].choices.items()}
    certificate = _certificate(folds, found, trained, routes)
    told = _told([each.metrics for each in found], [each.ratio for each in found])
    extra = Extra(log=[row for each in found[:-1] for row in each.log], folds=told, seed=folds.seed(folds.count - 1))
    finished = ship(trained, routes, certificate, folds.tables, folds.out, watch=watch, extra=extra)
    folds.clear()
    return finished, told, study


def train_all(folds: Folds, single: str | None) -> tuple[Finished, Mapping[str, Any], Study]:
    """Train and judge every fold; return the packed last one, the means over folds, and its study."""
    metrics, ratios = [], []
    for fold in range(folds.count):
        study = folds.study(fold, single=single)
        outcome: Outcome = run_one(
            study,
            single,
            out=folds.place(fold),
            resume=folds.resume,
            watch=folds.watch,
            seed=folds.seed(fold),
        )
        evaluation: Evaluation = judge_trained(study, outcome)[1]
        metrics.append(evaluation.tasks)
        ratios.append({task: _ratio(study, task) for task in evaluation.tasks})
    told = _told(metrics, ratios)
    finished = finish_trained(study, outcome, folds.tables, folds.out, folds=told)
    folds.clear()
    return finished, told, study


def _judge(trained: TrainedArms, watch: Watch, fold: int) -> JudgedFold:
    """Repair a fold by its own validation questions, and keep its test answers."""
    study, repairs = trained.study, trained.repairs
    tasks = study.project.judged
    choices = climb(tasks, trained, ladder=study.project.certify.ladder, tell=watch.judging)

    def answers(task: str) -> dict[str, Predictions]:
        arms = dict(zip(TOLD, ("twin", "joint", choices[task].arm), strict=True))
        return {name: arm_outcomes(repairs, task, arm)[0].answers[task]["test"] for name, arm in arms.items()}

    outcomes = trained_outcomes(repairs)
    return JudgedFold(
        choices=choices,
        answers={task: answers(task) for task in tasks},
        metrics={task: trained.metrics(task, choices[task].arm) for task in tasks},
        calibration={task: trained.calibration(task, choices[task].arm) for task in tasks},
        baseline={task: trained.baseline(task) for task in tasks},
        ratio={task: _ratio(study, task) for task in tasks},
        seconds=(sum(each.seconds for each in outcomes), repairs.made["joint"][0].seconds_in_all),
        log=[{"arm": each.arm, "seed": each.seed, "fold": fold, **row} for each in outcomes for row in each.log],
    )


def _certificate(
    folds: Folds, found: Sequence[JudgedFold], last: TrainedArms, routes: Mapping[str, str]
) -> Certificate:
    project = last.study.project
    tasks = {task: _folded(task, last.study, found) for task in project.judged}
    spent, joint = (sum(each.seconds[at] for each in found) for at in (0, 1))
    sharing = replace(last.sharing(routes), certify_seconds=spent, joint_runs=spent / max(1e-9, joint))
    auxiliary = [name for name, task in project.tasks.items() if task.auxiliary]
    seeds = [folds.seed(fold) for fold in range(folds.count)]
    margin, tutored = project.certify.margin, tuple(last.study.tutored)
    return certify_folds(tasks, sharing, seeds, margin=margin, auxiliary=auxiliary, tutored=tutored)


def _folded(task: str, study: Study, found: Sequence[JudgedFold]) -> FoldedTask:
    ratio = fmean(each.ratio[task] for each in found)
    answers = {name: [each.answers[task][name] for each in found] for name in TOLD}
    baselines = [each.baseline[task] for each in found]
    simple = [each for each in baselines if each is not None]
    named = Counter(name for name, _ in simple).most_common(1)
    return FoldedTask(
        spec=study.project.tasks[task],
        choices=[each.choices[task] for each in found],
        before=compare_folds(answers["joint"], answers["twin"], ratio=ratio),
        after=compare_folds(answers["shipped"], answers["twin"], ratio=ratio),
        baseline=(named[0][0], fmean(value for _, value in simple)) if len(simple) == len(found) else None,
        metrics={name: fmean(each.metrics[task][name] for each in found) for name in found[-1].metrics[task]},
        calibration={
            name: (
                fmean(each.calibration[task][name][0] for each in found),
                fmean(each.calibration[task][name][1] for each in found),
            )
            for name in found[-1].calibration[task]
        },
    )


def _ratio(study: Study, task: str) -> float:
    part_n = study.examples[task].part_n
    return float((part_n == TEST).sum() / max(1, int((part_n == TRAIN).sum())))


def _told(
    metrics: Sequence[Mapping[str, Mapping[str, float]]], ratios: Sequence[Mapping[str, float]]
) -> dict[str, Any]:
    """Return, per task and metric, the mean over folds with its interval, and every fold's value, as JSON values."""

    def one(task: str, name: str) -> dict[str, Any]:
        values = [each[task].get(name, math.nan) for each in metrics]
        spread = spread_over_folds(values, fmean(each[task] for each in ratios))
        low, high = spread.interval()
        return {"mean": _plain(spread.mean), "low": _plain(low), "high": _plain(high), "folds": [*map(_plain, values)]}

    tasks = {task: {name: one(task, name) for name in found} for task, found in metrics[-1].items()}
    return {"count": len(metrics), "tasks": tasks}


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
