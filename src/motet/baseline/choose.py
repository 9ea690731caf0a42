"""The best simple method of a task: chosen on validation half A, answered on test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motet.baseline._half import choosing
from motet.baseline._protocol import BASELINES, Answer, is_cheap
from motet.data import Division
from motet.features.labels import Labels
from motet.schema import TEST
from motet.tasks import Examples

Judge = Callable[[Answer, NDArray[np.int64]], float]
"""Given answers to the examples `at`, and `at`: the value of the task's metric, higher is better."""


@dataclass(frozen=True)
class Chosen:
    """The winner. answer: to the test examples `at`. valid: every method's value on half A, higher is better."""

    name: str
    answer: Answer
    at: NDArray[np.int64]
    valid: dict[str, float]


def best_baseline(examples: Examples, labels: Labels, division: Division, judge: Judge) -> Chosen | None:
    """Return the cheap method that judges best on validation half A, with its answers on test; None where none applies.

    A method that cannot be judged (NaN) never wins against one that can; ties go to the simpler name in order.
    """
    valid, test = choosing(examples), np.flatnonzero(examples.part_n == TEST)
    both = np.concatenate([valid, test])
    best: tuple[float, str, Answer] | None = None
    found: dict[str, float] = {}
    for short in BASELINES.names():
        method = BASELINES.get(short)()
        if not is_cheap(method, examples) or not method.applies(examples, division):
            continue
        answer = method.answer(examples, labels, division, both)
        value = float(judge(answer.take(np.arange(len(valid))), valid))
        found[method.name] = value
        comparable = -np.inf if np.isnan(value) else value
        if best is None or comparable > best[0]:
            best = comparable, method.name, answer.take(np.arange(len(valid), len(both)))
    return None if best is None else Chosen(best[1], best[2], test, found)
