"""Measure what advice rests on: where labels meet, what tasks cost, and in a short joint run who helps whom.

The run is on a plain shared trunk with open valves, whatever the project says: its question is what sharing does to
the tasks, not what a strategy makes of it. It ends after `PASSES` passes over the data, or after `train.minutes` (two
minutes, unless the project says otherwise).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from statistics import fmean
from typing import Any

from motet.features.plan import TrainingPlan
from motet.model.assemble import MotetModel
from motet.schema import AUTO, TRAIN
from motet.stages.arms import arm_shape, new_balancer, new_model
from motet.stages.choosing import PLAIN
from motet.stages.kinds import with_kinds
from motet.stages.looking import judge_batches
from motet.stages.portions import Portions
from motet.stages.relating import meeting
from motet.stages.study import Study
from motet.stages.watching import Watch
from motet.train.events import EpochDone, StepDone
from motet.train.loop import TrainedModel, fit
from motet.train.watch import Watcher
from motet.transfer.advise import Advice, Gain, PairFacts, TaskFacts, advise, relative_gains
from motet.transfer.advise.facts import complementarity

PASSES, PORTIONS, LOOKS = 2, 8, 2
"""The short run's passes over the data, the portions in which it is looked at, and the looks in a portion."""
MINUTES = 2.0
TIMED = 5
"""Steps by which a task's own pace is measured, after as many that are not timed."""
ARM = "advice"


def advise_study(study: Study, *, watch: Watch) -> Advice:
    """Return the advice for a study's tasks."""
    run = _short_run(study, watch)
    model, tasks = run.model, list(study.examples)
    labels = {task: int((study.examples[task].part_n == TRAIN).sum()) for task in tasks}
    facts = [_task(study, model, task, labels[task], watch) for task in tasks]
    gains = relative_gains(run.affinities)
    pairs = [_pair(study, pair, labels, gains, run.cosines(*pair)) for pair in combinations(tasks, 2)]
    return advise(facts, pairs, passes=run.passes, seconds=run.seconds)


def _task(study: Study, model: MotetModel, task: str, labels: int, watch: Watch) -> TaskFacts:
    spec = study.project.tasks[task]
    watch.judging(task, "pace")
    private = sum(weight.numel() for weight in model.private(task))
    worth = 0.0 if getattr(spec, "auxiliary", False) else spec.value
    return TaskFacts(task, study.examples[task].kind, labels, _pace(study, task), private, worth)


def _pair(
    study: Study,
    pair: tuple[str, str],
    labels: Mapping[str, int],
    gains: Mapping[tuple[str, str], Gain],
    cosine: float,
) -> PairFacts:
    one, other = pair
    met = meeting(study, one, other)
    if cosine != cosine:  # tasks that meet in no weight can neither help nor harm
        gains = {}
    return PairFacts(
        one,
        other,
        by=met.by,
        overlap=met.overlap,
        correlation=met.correlation,
        measure=met.measure,
        both=met.both,
        complementarity=complementarity(labels[one], labels[other]),
        forward=gains.get((one, other), Gain()),
        backward=gains.get((other, one), Gain()),
        cosine=cosine,
    )


@dataclass
class _ShortRun:
    """What looking at a short joint run showed; a listener, told of every portion."""

    tasks: Sequence[str]
    model: MotetModel
    columns: list[Mapping[str, float]] = field(default_factory=list)
    passes: float = 0.0
    seconds: float = 0.0

    def step(self, event: StepDone) -> None:
        """Steps say nothing here."""

    def epoch(self, event: EpochDone) -> None:
        """Keep what the looks of a portion showed."""
        if event.watched.columns:
            self.columns.append(event.watched.columns)

    @property
    def settled(self) -> Sequence[Mapping[str, float]]:
        """The portions without the first, in which weights are still all but random."""
        return self.columns[1:] if len(self.columns) > 2 else self.columns

    @property
    def affinities(self) -> list[dict[str, dict[str, float]]]:
        """Per portion: source → target → look-ahead affinity."""
        return [
            {
                one: {other: row[name] for other in self.tasks if (name := f"affinity/{one}>{other}") in row}
                for one in self.tasks
            }
            for row in self.settled
        ]

    def cosines(self, one: str, other: str) -> float:
        """Return the mean cosine between two tasks' gradients, over blocks and portions; NaN where they never meet."""
        ends = (f"/{one}|{other}", f"/{other}|{one}")
        found = [
            value
            for row in self.settled
            for name, value in row.items()
            if name.startswith("cosine/") and name.endswith(ends)
        ]
        return fmean(found) if found else float("nan")


def _short_run(study: Study, watch: Watch) -> _ShortRun:
    """Train all tasks on a plain trunk for a while, and look often at how they pull."""
    study = _plain(study)
    model = new_model(study, study.shape, seed=study.project.train.seed)
    run = _ShortRun(list(model.shape.tasks), model)
    if len(run.tasks) < 2:
        return run
    plan = Portions(study.plan, steps=-(-PASSES * study.plan.steps // PORTIONS))
    watcher = Watcher(model, judge_batches(study, run.tasks), every=max(1, plan.steps // LOOKS))
    seed = study.project.train.seed
    watch.planned([(ARM, seed)], PORTIONS)
    minutes = study.project.train.minutes or MINUTES
    trained = _fit(
        study,
        model,
        plan,
        portions=PORTIONS,
        listeners=[run, *watch.listeners(ARM, seed)],
        watcher=watcher,
        budget_seconds=60 * minutes,
    )
    run.seconds, run.passes = round(trained.seconds, 3), round(len(trained.log) * plan.passes, 3)
    watch.trained(ARM, seed, trained.seconds)
    return run


def _pace(study: Study, task: str) -> float:
    """Return the seconds of a pass over a task's own rows, alone, from a few steps."""
    alone = with_kinds(study, balance="sum")
    plan = Portions(study.plan, steps=min(TIMED, study.plan.steps))
    model = new_model(alone, arm_shape(alone, task), seed=study.project.train.seed)
    trained = _fit(alone, model, plan, portions=2)
    return round(float(trained.log[-1]["seconds"]) / plan.passes, 3)


def _fit(study: Study, model: MotetModel, plan: TrainingPlan, *, portions: int, **options: Any) -> TrainedModel:
    """Train for some portions without a judge's word: none is better than another, and none ends the run."""
    config = study.project.train.model_copy(update={"epochs": portions, "patience": portions + 1, "minutes": None})
    same = dict.fromkeys(model.shape.tasks, 0.0)
    balancer = new_balancer(study, model.shape)
    return fit(model, plan, study.tensors, balancer, lambda _: same, config=config, seed=config.seed, **options)


def _plain(study: Study) -> Study:
    """The study on a plain trunk with open valves; a balancer that is left open is the plain one."""
    balance = PLAIN["balance"] if study.project.balance.kind == AUTO else None
    plain = with_kinds(study, sharing=PLAIN["sharing"], balance=balance)
    sharing = replace(plain.shape.sharing, valves={}, ranks={})
    return replace(plain, shape=replace(plain.shape, sharing=sharing))
