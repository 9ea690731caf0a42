"""Fuse the members' answers to a task that is no ranking: alone, averaged, or stacked; chosen on validation half A."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data.hashing import remainders
from motet.evaluate import Predictions, find
from motet.evaluate.stack import fit_choice, fit_logistic, fit_numbers, simplex
from motet.recommend.fusion import AnswerMix, opened

FOLDS, DRAWS, STRENGTHS = 5, 60, (1e-3, 1e-2, 1e-1)


@dataclass(frozen=True)
class FittedAnswers:
    """A way to weigh. value: the task's metric on half A, by rows that had no say; larger is better."""

    name: str
    mix: AnswerMix
    value: float


def fit_answer_ways(
    members: Sequence[Predictions], names: Sequence[str], method: str, *, only: str | None = None
) -> list[FittedAnswers]:
    """Return the ways to weigh that a method may choose from, simple ones first; see `fusing_lists.fit_ways`.

    members: each one's answers to the same questions of half A. A vote is the plain average of log-odds,
    log-probabilities or values.
    """
    num = len(members)
    ways = []
    if method != "vote":
        ways += [_judged(f"{names[at]} alone", AnswerMix(np.eye(num)[at]), members) for at in range(num)]
    if num > 1:
        alike = AnswerMix(np.full(num, 1.0 / num))
        ways.append(_judged("vote" if method == "vote" else "mean, all alike", alike, members))
    if num > 1 and method != "vote":
        ways.append(_mean(members))
    if num > 1 and method == "stack":
        ways += [_stacked(members, strength) for strength in STRENGTHS]
    return ways if only is None else [way for way in ways if way.name == only] or ways


def answered(mix: AnswerMix, members: Sequence[Predictions]) -> Predictions:
    """Return the mixed answers."""
    return replace(members[0], score=mix.mixed(members[0].output, [_score(each) for each in members]))


def _judged(name: str, mix: AnswerMix, members: Sequence[Predictions]) -> FittedAnswers:
    return FittedAnswers(name, mix, _worth(answered(mix, members)))


def _worth(answers: Predictions) -> float:
    metric = find(answers.task.primary)
    value = metric.value(answers)
    signed = -value if metric.lower_is_better else value
    return -np.inf if np.isnan(signed) else float(signed)


def _mean(members: Sequence[Predictions]) -> FittedAnswers:
    tried = [AnswerMix(each) for each in simplex(len(members), DRAWS)]
    told = np.array([_worth(answered(mix, members)) for mix in tried])
    chosen = tried[int(told.argmax())]
    held = _held_out(members, lambda fitted: tried[int(np.argmax([_worth(answered(m, fitted)) for m in tried]))])
    return FittedAnswers("mean", chosen, held)


def _stacked(members: Sequence[Predictions], strength: float) -> FittedAnswers:
    held = _held_out(members, lambda fitted: _fit(fitted, strength))
    return FittedAnswers(f"stack, strength {strength:g}", _fit(members, strength), held)


def _held_out(members: Sequence[Predictions], fit) -> float:  # type: ignore[no-untyped-def]
    """The metric of answers to each fold by weights from the others."""
    fold = remainders(pl.Series(members[0].unit_n)) // 4 % FOLDS
    score = np.zeros_like(_score(members[0]))
    for each in range(FOLDS):
        own = np.flatnonzero(fold == each)
        rest = np.flatnonzero(fold != each)
        if len(own) and len(rest):
            score[own] = _score(
                answered(fit([_at(member, rest) for member in members]), [_at(m, own) for m in members])
            )
    return _worth(replace(members[0], score=score))


def _fit(members: Sequence[Predictions], strength: float) -> AnswerMix:
    output, label = members[0].output, members[0].label
    assert label is not None, "answers have labels"
    x, towards = opened(output, [_score(each) for each in members]), np.full(len(members), 1.0 / len(members))
    if output in ("binary", "tags"):
        weight, bias = fit_logistic(x.reshape(-1, len(members)), label.ravel(), strength=strength, towards_F=towards)
        return AnswerMix(weight, bias)
    if output == "number":
        return AnswerMix(*fit_numbers(x, label, strength=strength, towards_F=towards))
    target = label.astype(np.int64)
    if output == "ordinal":
        assert members[0].levels_C is not None, "levels are known"
        target = np.abs(label[:, None] - members[0].levels_C[None, :]).argmin(axis=1)
    real = np.ones(x.shape[:2], np.bool_)
    return AnswerMix(fit_choice(x, real, target, strength=strength, towards_F=towards))


def _at(answers: Predictions, chosen: NDArray[np.int64]) -> Predictions:
    label = answers.label
    return replace(
        answers,
        unit_n=answers.unit_n[chosen],
        other_n=None if answers.other_n is None else answers.other_n[chosen],
        score=_score(answers)[chosen],
        label=None if label is None else label[chosen],
        slices={},
    )


def _score(answers: Predictions) -> NDArray[np.float32]:
    assert answers.score is not None, "only rankings have no scores"
    return answers.score
