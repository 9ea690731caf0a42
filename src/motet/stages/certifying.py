"""Hand trained arms, judges and baselines to `transfer`, which knows none of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from motet.baseline import Answer, best_baseline
from motet.evaluate import PairedDifference, Predictions, compare, find, metrics_of
from motet.features.batch import Batch
from motet.features.plan import question_batches
from motet.model.predict import Predictor
from motet.stages.answer import Role, questions_of_role
from motet.stages.outcomes import Outcome, role_of
from motet.stages.study import Study
from motet.transfer.certificate import Sharing

LATENCY_ROUNDS = 15


@dataclass(frozen=True)
class TrainedArms:
    """Answers what `transfer.certify` asks. joint: per seed. twins: task → per seed, in the same order."""

    study: Study
    joint: Sequence[Outcome]
    twins: Mapping[str, Sequence[Outcome]]
    on_baseline: Callable[[str], None] | None = None

    def compare(self, task: str, arm: str, role: Role) -> PairedDifference:
        """Return the paired difference of the joint model against the twin."""
        own = [role_of(self.study, task, outcome.answers[task], role) for outcome in self._arm(task, arm)]
        twin = [role_of(self.study, task, outcome.answers[task], role) for outcome in self.twins[task]]
        return compare(own, twin)

    def metrics(self, task: str, arm: str) -> dict[str, float]:
        """Return the test metrics of the model that ships: seed 0 of the arm."""
        predictions = self._arm(task, arm)[0].answers[task]["test"]
        return {name: find(name).value(predictions) for name in metrics_of(predictions)}

    def baseline(self, task: str) -> tuple[str, float] | None:
        """Return the best simple method, chosen on validation, and its value on test."""
        if self.on_baseline is not None:
            self.on_baseline(task)
        study, examples = self.study, self.study.examples[task]
        metric = find(study.project.tasks[task].primary)

        def judge(given: Answer, at: NDArray[np.int64]) -> float:
            value = metric.value(_as_predictions(study, task, given, at))
            return -value if metric.lower_is_better else value

        found = best_baseline(examples, study.features.state.labels[task], study.division, judge)
        if found is None:
            return None
        return found.name, metric.value(_as_predictions(study, task, found.answer, found.at))

    def sharing(self, routes: Mapping[str, str]) -> Sharing:
        """Return what sharing costs and saves, routed twins counted in."""
        routed = [task for task, arm in routes.items() if arm == "twin"]
        shared = len(routed) < len(routes)
        joint, firsts = self.joint[0], {task: each[0] for task, each in self.twins.items()}
        return Sharing(
            tasks_shared=len(routes) - len(routed),
            parameters=(joint.parameters if shared else 0) + sum(firsts[task].parameters for task in routed),
            twin_parameters=sum(each.parameters for each in firsts.values()),
            train_seconds=_mean_seconds(self.joint) + sum(_mean_seconds(self.twins[task]) for task in routed),
            twin_seconds=sum(_mean_seconds(each) for each in self.twins.values()),
            latency_ms=(self._latency["joint"] if shared else 0.0) + sum(self._latency[task] for task in routed),
            twin_latency_ms=sum(self._latency[task] for task in self.twins),
        )

    @cached_property
    def _latency(self) -> dict[str, float]:
        """Milliseconds of one question to every task: medians, taken in turn so that a slow moment hits all alike."""
        first: dict[str, Outcome] = {"joint": self.joint[0], **{task: each[0] for task, each in self.twins.items()}}
        predictors = {arm: Predictor(outcome.model, self.study.tensors) for arm, outcome in first.items()}
        batches = {arm: _one_of_each(self.study, list(outcome.model.shape.tasks)) for arm, outcome in first.items()}
        times: dict[str, list[float]] = {arm: [] for arm in first}
        for _ in range(LATENCY_ROUNDS):
            for arm, predictor in predictors.items():
                _ask(predictor, batches[arm])  # a server's weights are warm; those of the arm before are in the way
                times[arm].append(_ask(predictor, batches[arm]))
        return {arm: float(np.median(values)) for arm, values in times.items()}

    def _arm(self, task: str, arm: str) -> Sequence[Outcome]:
        return self.joint if arm == "joint" else self.twins[task]


def _ask(predictor: Predictor, batches: list[tuple[list[str], Batch]]) -> float:
    """Answer all batches, and return the milliseconds that took."""
    began = time.perf_counter()
    for tasks, batch in batches:
        predictor.all_answers(tasks, batch)
    return 1000 * (time.perf_counter() - began)


def _mean_seconds(outcomes: Sequence[Outcome]) -> float:
    return float(np.mean([outcome.seconds for outcome in outcomes]))


def _as_predictions(study: Study, task: str, given: Answer, at: NDArray[np.int64]) -> Predictions:
    """A baseline's answers in the judges' form, with the very labels that our model is judged by."""
    examples, labels = study.examples[task], study.features.state.labels[task]
    unit_n = examples.unit.gather(at).to_numpy().astype(str)
    spec = study.project.tasks[task]
    if labels.output == "ranking":
        return Predictions(
            spec, "ranking", unit_n, rank_n=given.rank_n, top_nK=given.top_nK, num_items=study.shape.num_items
        )
    label = examples.label.gather(at)
    plain = labels.output in ("ordinal", "number")
    label_n = label.to_numpy() if plain else labels.encode(label)
    levels = np.asarray(labels.levels, np.float32) if labels.output == "ordinal" else None
    return Predictions(
        spec, labels.output, unit_n, score=given.score, label=np.asarray(label_n, np.float32), levels_C=levels
    )


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
