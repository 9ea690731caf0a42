"""Hand trained arms, judges and baselines to `transfer`, which knows none of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from motet.baseline import Answer, best_baseline
from motet.evaluate import PairedDifference, Predictions, compare, find, metrics_of
from motet.features.asking import question_batches
from motet.features.batch import Batch
from motet.model.assemble import MotetModel, count_parameters
from motet.model.predict import Predictor
from motet.stages.answer import Role, questions_of_role
from motet.stages.baselining import baseline_predictions
from motet.stages.outcomes import Outcome, role_of
from motet.stages.repairing import Repairs
from motet.stages.shipping import arm_outcomes, compose, training_seconds
from motet.stages.study import Study
from motet.transfer.certificate import Sharing

LATENCY_ROUNDS = 15
Answering = tuple[MotetModel, tuple[str, ...]]
"""A model, and the tasks that it answers."""
CALIBRATION = ("log_loss", "ece")


@dataclass(frozen=True)
class TrainedArms:
    """Answers what `transfer.certify` asks; `repairs` holds the arms, and trains those that the ladder asks for."""

    study: Study
    repairs: Repairs
    on_baseline: Callable[[str], None] | None = None

    def compare(self, task: str, arm: str, role: Role) -> PairedDifference:
        """Return the paired difference of an arm against the twin."""
        return compare(self._answers(task, arm, role), self._answers(task, "twin", role))

    def metrics(self, task: str, arm: str) -> dict[str, float]:
        """Return the test metrics of the model that ships: seed 0 of the arm."""
        predictions = self._answers(task, arm, "test")[0]
        return {name: find(name).value(predictions) for name in metrics_of(predictions)}

    def calibration(self, task: str, arm: str) -> dict[str, tuple[float, float]]:
        """Return log_loss and ece where they are defined: (twin, arm) on test, means over seeds."""
        twin, own = (self._answers(task, each, "test") for each in ("twin", arm))
        return {
            name: (_mean_value(name, twin), _mean_value(name, own))
            for name in CALIBRATION
            if name in metrics_of(own[0])
        }

    def baseline(self, task: str) -> tuple[str, float] | None:
        """Return the best simple method, chosen on validation, and its value on test."""
        if self.on_baseline is not None:
            self.on_baseline(task)
        study, examples = self.study, self.study.examples[task]
        metric, labels = find(study.project.tasks[task].primary), study.features.state.labels[task]

        def judge(given: Answer, at: NDArray[np.int64]) -> float:
            value = metric.value(baseline_predictions(examples, labels, study.division, given, at))
            return -value if metric.lower_is_better else value

        found = best_baseline(examples, labels, study.division, judge)
        if found is None:
            return None
        return found.name, metric.value(baseline_predictions(examples, labels, study.division, found.answer, found.at))

    def together(self, task: str) -> float:
        """Return what the twins of all seeds reach on test when their answers are averaged."""
        twins = self._answers(task, "twin", "test")
        scores = [each.score for each in twins if each.score is not None]
        mean = np.stack(scores).mean(axis=0, dtype=np.float32)
        return find(twins[0].task.primary).value(replace(twins[0], score=mean))

    def sharing(self, routes: Mapping[str, str]) -> Sharing:
        """Return what sharing costs and saves; routed twins and models beside the joint one are counted in."""
        repairs, joint, twins = self.repairs, self.repairs.made["joint"], self.repairs.twins
        shipped = compose(repairs, routes)
        alone = [(each[0].model, (task,)) for task, each in twins.items()]
        ours, theirs = self._latency([(each.model, each.tasks) for each in shipped], alone)
        twin_seconds = sum(_mean_seconds(each) for each in twins.values())
        # twins and joint are one where a single task shares with nobody
        arms = (
            [*joint, *repairs.trained]
            if len(self.study.examples) == 1
            else [*joint, *chain(*twins.values()), *repairs.trained]
        )
        everything = sum(outcome.seconds for outcome in arms)
        return Sharing(
            tasks_shared=sum(len(each.tasks) for each in shipped if each.name == "joint"),
            parameters=sum(count_parameters(each.model) for each in shipped),
            twin_parameters=sum(each[0].parameters for each in twins.values()),
            train_seconds=float(np.mean([training_seconds(repairs, routes, seed) for seed in range(len(joint))])),
            twin_seconds=twin_seconds,
            latency_ms=ours,
            twin_latency_ms=theirs,
            certify_seconds=everything,
            joint_runs=everything / max(1e-9, sum(outcome.seconds_in_all for outcome in joint)),
        )

    def _latency(self, *groups: Sequence[Answering]) -> list[float]:
        """Milliseconds of one question to every task, per group of models.

        Medians; models are asked in turn, so that a slow moment hits all alike. One that is in two groups counts alike.
        """
        models = {(id(model), tasks): model for group in groups for model, tasks in group}
        predictors = {key: Predictor(model, self.study.tensors) for key, model in models.items()}
        batches = {key: _one_of_each(self.study, list(key[1])) for key in models}
        times: dict[tuple[int, tuple[str, ...]], list[float]] = {key: [] for key in models}
        for _ in range(LATENCY_ROUNDS):
            for key, predictor in predictors.items():
                _ask(predictor, batches[key])  # a server's weights are warm; those of the one before are in the way
                times[key].append(_ask(predictor, batches[key]))
        median = {key: float(np.median(values)) for key, values in times.items()}
        return [sum(median[id(model), tasks] for model, tasks in group) for group in groups]

    def _answers(self, task: str, arm: str, role: Role) -> list[Predictions]:
        outcomes = arm_outcomes(self.repairs, task, arm)
        return [role_of(self.study, task, outcome.answers[task], role) for outcome in outcomes]

    def affinity(self, joint: str) -> Mapping[str, Mapping[str, float]]:
        """Return source → target → look-ahead affinity."""
        return self.repairs.affinity(joint)

    def valved(self, joint: str, shares: Mapping[str, float], harmed: Sequence[str]) -> str | None:
        """Train the joint model on under turned valves."""
        return self.repairs.valved(joint, shares, harmed)

    def private(self, joint: str, task: str) -> str | None:
        """Give a task a private part."""
        return self.repairs.private(joint, task)

    def interpolated(self, joint: str, task: str, share: float) -> str | None:
        """Return the model that lies between the joint one and one trained on for a task."""
        return self.repairs.interpolated(joint, task, share)

    def seconds(self, arm: str) -> float:
        """Return what a repair took."""
        return self.repairs.seconds(arm)


def _ask(predictor: Predictor, batches: list[tuple[list[str], Batch]]) -> float:
    """Answer all batches, and return the milliseconds that took."""
    began = time.perf_counter()
    for tasks, batch in batches:
        predictor.all_answers(tasks, batch)
    return 1000 * (time.perf_counter() - began)


def _mean_value(metric: str, predictions: Sequence[Predictions]) -> float:
    return float(np.mean([find(metric).value(each) for each in predictions]))


def _mean_seconds(outcomes: Sequence[Outcome]) -> float:
    return float(np.mean([outcome.seconds for outcome in outcomes]))


def _one_of_each(study: Study, tasks: list[str]) -> list[tuple[list[str], Batch]]:
    """One test question of every task, tasks of a view together."""
    by_view: dict[str, list[str]] = {}
    for task in tasks:
        by_view.setdefault(study.features.state.views[task].name, []).append(task)
    starts = study.division.events.starts if study.division.events is not None else None
    found = []
    for view, members in by_view.items():
        questions = study.features.questions[view]
        chosen = questions.tasks[members[0]].question_m[questions_of_role(study, members[0], "test")[:1]]
        batches = question_batches(questions, chosen, starts, max_history=study.project.trunk.max_history)
        found += [(members, batch) for _, batch in batches]
    return found
