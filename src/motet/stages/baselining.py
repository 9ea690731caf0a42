"""Every simple method on every task, fitted on training rows and judged on test the way our own model is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.baseline import BASELINES, Answer, choosing, is_cheap, refusal
from motet.data import Division
from motet.errors import RequestError
from motet.evaluate import Predictions, find, metrics_of
from motet.features.labels import Labels, fit_labels
from motet.registry import nearest
from motet.schema import TEST
from motet.tasks import Examples
from motet.tasks.make import examples_of
from motet.tasks.units import units_of

OnMethod = Callable[[str, str], None]


@dataclass(frozen=True)
class Judged:
    """A method on a task. valid: the task's primary metric on half A. test: all its metrics. cheap: it may stand in
    certificates.
    """

    name: str
    valid: float
    test: Mapping[str, float]
    seconds: float
    cheap: bool


@dataclass(frozen=True)
class Baselines:
    """What the methods reach on one task.

    metric: its primary one. best: the method with the best value on half A. questions: on test. methods: by short name,
    the best on half A first. skipped: method → why it was left out.
    """

    metric: str
    best: str | None
    questions: int
    methods: Mapping[str, Judged]
    skipped: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "metric": self.metric,
            "best": self.best,
            "questions": self.questions,
            "methods": {name: vars(each) for name, each in self.methods.items()},
            "skipped": dict(self.skipped),
        }


def judge_baselines(
    division: Division,
    *,
    tasks: Sequence[str] | None = None,
    methods: Sequence[str] | None = None,
    on_method: OnMethod | None = None,
) -> dict[str, Baselines]:
    """Return task → what the methods reach.

    tasks, methods: by default all; methods that do not fit a task are skipped. on_method: told task and method.
    Raises RequestError for an unknown name, and for methods of which none answers any of the tasks.
    """
    judged_tasks = [name for name, task in division.project.tasks.items() if not task.auxiliary]
    wanted_tasks = _known("task", tasks, judged_tasks)
    wanted = _known("method", methods, BASELINES.names())
    found = {}
    for task in wanted_tasks:
        examples = examples_of(division.project.tasks[task], division)
        found[task] = _on_task(examples, division, wanted, named=methods is not None, on_method=on_method)
    if methods and not any(each.methods for each in found.values()):
        reasons = {reason for each in found.values() for reason in each.skipped.values()}
        raise RequestError(f"None of the methods answers a task: {'; '.join(sorted(reasons))}.", "Choose others.")
    return found


def baseline_predictions(
    examples: Examples, labels: Labels, division: Division, given: Answer, at: NDArray[np.int64]
) -> Predictions:
    """Return a baseline's answers in the judges' form, with the very labels that our model is judged by."""
    unit_n, other_n = units_of(examples, division, at)
    spec = division.project.tasks[examples.task]
    label = examples.label.gather(at)
    if labels.output == "ranking":
        num_items = 0 if division.events is None else len(division.events.items)
        return Predictions(
            spec,
            "ranking",
            unit_n,
            rank_n=given.rank_n,
            top_nK=given.top_nK,
            num_items=num_items,
            target_n=label.to_numpy().astype(np.int64),
        )
    plain = labels.output in ("ordinal", "number")
    label_n = label.to_numpy() if plain else labels.encode(label)
    levels = np.asarray(labels.levels, np.float32) if labels.output == "ordinal" else None
    return Predictions(
        spec,
        labels.output,
        unit_n,
        score=given.score,
        label=np.asarray(label_n, np.float32),
        levels_C=levels,
        other_n=other_n,
    )


def _on_task(
    examples: Examples, division: Division, wanted: Sequence[str], *, named: bool, on_method: OnMethod | None
) -> Baselines:
    labels, metric = fit_labels(examples), find(division.project.tasks[examples.task].primary)
    valid, test = choosing(examples), np.flatnonzero(examples.part_n == TEST)
    both, judged, skipped = np.concatenate([valid, test]), {}, {}
    for short in wanted:
        method = BASELINES.get(short)()
        if not method.applies(examples, division):
            reason = refusal(method, examples, division)
            if named or "does not answer" not in reason:
                skipped[short] = reason
            continue
        if on_method is not None:
            on_method(examples.task, method.name)
        began = time.perf_counter()
        answer = method.answer(examples, labels, division, both)
        seconds = time.perf_counter() - began
        chosen = baseline_predictions(examples, labels, division, answer.take(np.arange(len(valid))), valid)
        tested = baseline_predictions(examples, labels, division, answer.take(np.arange(len(valid), len(both))), test)
        values = {name: find(name).value(tested) for name in metrics_of(tested)}
        judged[short] = Judged(method.name, metric.value(chosen), values, seconds, is_cheap(method, examples))

    def worth(short: str) -> float:
        value = -judged[short].valid if metric.lower_is_better else judged[short].valid
        return -math.inf if math.isnan(value) else value

    order = sorted(judged, key=worth, reverse=True)
    primary = division.project.tasks[examples.task].primary
    return Baselines(primary, order[0] if order else None, len(test), {each: judged[each] for each in order}, skipped)


def _known(what: str, wanted: Sequence[str] | None, known: Sequence[str]) -> list[str]:
    for name in wanted or ():
        if name not in known:
            hint = nearest(name, list(known)).strip()
            raise RequestError(f"There is no {what} '{name}'; known: {', '.join(known)}.", hint or "Use one of these.")
    return list(dict.fromkeys(wanted)) if wanted else list(known)
