"""Soft labels: what other tasks' labels, and the model so far, say about rows that have no label of a task.

A small logistic regression, fitted on the labelled rows, tells the own label from what the other tasks' labels say of a
row and from what a linear model of those tasks reads in its text, the row held apart (`features.out_of_fold`). Which of
these it looks at is chosen by cross-validation. Where neither says anything, it looks at the model's answers of those
tasks, whose heads have seen many labels, anew before every pass; beside the others these do harm, since a model's
answers to rows that it learned from repeat what it learned. Tags are told one by one by p(tag) · Π p(their label |
tag), counted where both are known. NumPy and scikit-learn, no torch.

m = labelled training questions, s = questions without a label, C = values, B = codes, k = numbers in an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.features.evidence import codes_of, evidence_for, log_ratios
from motet.features.labels import Labels
from motet.schema import TRAIN
from motet.tasks import Examples

Shares = NDArray[np.float32]
NUMBER_VALUES = 8
"""Values that a number is put into, of equally many labels each."""
STRENGTHS = (1.0, 10.0)
"""Inverse ridges of the regression on standardised inputs: the first chooses the helpers, the better one answers."""
FOLDS, FIT_ON, GAIN = 5, 5_000, 0.005
"""A helper is looked at where it lowers the log-loss in cross-validation by this share; on at most so many rows."""
MOST_ANSWERS = 8
"""Numbers of one answer that the regression looks at, by their spread."""
MASS = 10.0
"""What all soft labels of a task count together, beside its labels, at most."""
SURE = 0.9
"""The model's own answer becomes a label from this probability on."""


@dataclass(frozen=True)
class SoftLabels:
    """Soft labels of one pass.

    question_s: into the view's questions. label_s: as the head answers. weight: of one. loss: of what made them, in
    cross-validation on the labelled rows; 0 where there is none.
    """

    question_s: NDArray[np.int64]
    label_s: Shares
    weight: float
    loss: float = 0.0


@dataclass(frozen=True)
class SoftTask:
    """What is fixed about one task's soft labels.

    own_mC: the labels as shares over values. value_C: what a number's values stand for, in learned units, or None.
    peers: tasks whose answers to the same questions may be asked. seen: by helper, what its labels say, (m, B) and
    (s, B), zeros where they say nothing. read: by helper, what a linear model of it reads in the texts, in the same
    form. informed_s: whether any says something. own_answers: labels are the model's own.
    """

    task: str
    labels: Labels
    question_m: NDArray[np.int64]
    question_s: NDArray[np.int64]
    own_mC: Shares
    value_C: Shares | None
    seen: Mapping[str, tuple[Shares, Shares]]
    weight: float
    peers: tuple[str, ...] = ()
    own_answers: bool = False
    read: Mapping[str, tuple[Shares, Shares]] = field(default_factory=dict)
    informed_s: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))


def soft_task(
    examples: Mapping[str, Examples],
    asked: Examples,
    labels: Mapping[str, Labels],
    questions: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    helpers: tuple[str, ...],
    peers: tuple[str, ...],
    weight: float | None,
    own_answers: bool = False,
    read: Mapping[str, Shares] | None = None,
) -> SoftTask:
    """Return what soft labels of a task are made of.

    asked: its questions without a label. questions: (m, s) positions in the view. helpers: tasks whose labels count.
    peers: those among them that ask in the same view. weight: of a soft label beside a known one. read: by helper, what
    its linear model reads in each row of the table.
    """
    task = asked.task
    known = examples[task].take(examples[task].part_n == TRAIN)
    own, values = _values(labels[task], known)
    seen: dict[str, tuple[Shares, Shares]] = {}
    for helper in helpers:
        codes = codes_of(examples[helper], labels[helper])
        found = None if codes is None else (evidence_for(known, codes), evidence_for(asked, codes))
        if found is not None and found[0] is not None and found[1] is not None:
            seen[helper] = found[0], found[1]
    informed = np.full(len(asked), bool(read))
    for _, seen_s in seen.values():
        informed |= seen_s.sum(1) > 0
    told = {helper: (share_nB[known.row_n], share_nB[asked.row_n]) for helper, share_nB in (read or {}).items()}
    if weight is None:
        weight = min(1.0, MASS * len(known) / max(1, len(asked)))
    return SoftTask(task, labels[task], *questions, own, values, seen, weight, peers, own_answers, told, informed)


def first_labels(soft: SoftTask) -> SoftLabels | None:
    """Return what the helpers say without a model, of the questions that they say anything of; None for nothing."""
    if soft.own_answers or not soft.informed_s.any():
        return None
    if soft.labels.output == "tags":
        return _chosen(soft, _tags(soft), soft.informed_s)
    told = _told(soft, _fixed(soft))
    return None if told is None else _chosen(soft, told[0], soft.informed_s, told[1])


def renewed_labels(
    soft: SoftTask, answers: Mapping[str, tuple[Shares, Shares]], own_sC: Shares | None
) -> SoftLabels | None:
    """Return labels made with a model. answers: of peers, to labelled and other questions. own_sC: its own answers."""
    if soft.own_answers:
        return None if own_sC is None else _sure(soft, own_sC)
    if soft.labels.output == "tags" or not answers:
        return first_labels(soft)
    inputs = {f"{helper}, answered": _spread(*pair) for helper, pair in answers.items()}
    told = _told(soft, inputs | _fixed(soft))
    return None if told is None else _chosen(soft, told[0], np.ones(len(soft.question_s), bool), told[1])


def _fixed(soft: SoftTask) -> dict[str, tuple[Shares, Shares]]:
    """What needs no model: the helpers' labels, and what their linear models read."""
    known = {f"{helper}, known": pair for helper, pair in soft.seen.items()}
    return known | {f"{helper}, read": pair for helper, pair in soft.read.items()}


def _beside(*pairs: tuple[Shares, Shares]) -> tuple[Shares, Shares]:
    return np.concatenate([one for one, _ in pairs], axis=1), np.concatenate([other for _, other in pairs], axis=1)


def _told(soft: SoftTask, inputs: Mapping[str, tuple[Shares, Shares]]) -> tuple[Shares, float] | None:
    """Probabilities of the values by the helpers that cross-validation chooses, and their loss; None if none helps."""
    rows = np.linspace(0, len(soft.own_mC) - 1, min(len(soft.own_mC), FIT_ON)).astype(np.int64)
    code, size = soft.own_mC.argmax(1), soft.own_mC.shape[1]
    chosen: list[str] = []
    best = _loss(np.zeros((len(rows), 0), np.float32), code[rows], size)
    while len(chosen) < len(inputs):
        tried = {
            helper: _loss(_beside(*(inputs[each] for each in (*chosen, helper)))[0][rows], code[rows], size)
            for helper in inputs
            if helper not in chosen
        }
        helper = min(tried, key=tried.__getitem__)
        if tried[helper] > (1 - GAIN) * best:
            break
        best = tried[helper]
        chosen.append(helper)
    if not chosen:
        return None
    input_m, input_s = _beside(*(inputs[each] for each in chosen))
    losses = [_loss(input_m[rows], code[rows], size, strength) for strength in STRENGTHS]
    strength = STRENGTHS[int(np.argmin(losses))]
    return _regression(input_m, code, input_s, size, strength), min(losses)


def _loss(input_mF: Shares, code_m: NDArray[np.int64], size: int, strength: float = STRENGTHS[0]) -> float:
    """The log-loss of the regression in cross-validation; without inputs, that of the shares."""
    fold = np.random.default_rng(0).permutation(len(code_m)) % FOLDS
    total = 0.0
    for each in range(FOLDS):
        inside = fold == each
        share = _regression(input_mF[~inside], code_m[~inside], input_mF[inside], size, strength)
        total -= float(np.log(np.maximum(share[np.arange(inside.sum()), code_m[inside]], 1e-3)).sum())
    return total / len(code_m)


def _values(labels: Labels, known: Examples) -> tuple[Shares, Shares | None]:
    """Labels as shares over few values, and what a number's values stand for."""
    targets = labels.targets(known.label)
    if labels.output == "tags":
        return targets, None
    if labels.output == "number":
        edges = np.unique(np.quantile(targets, np.linspace(0, 1, NUMBER_VALUES + 1)[1:-1]))
        code = np.searchsorted(edges, targets, side="right")
        code = np.unique(code, return_inverse=True)[1]
        count = np.bincount(code)
        return np.eye(len(count), dtype=np.float32)[code], (np.bincount(code, targets) / count).astype(np.float32)
    size = 2 if labels.output == "binary" else labels.size
    return np.eye(size, dtype=np.float32)[targets.astype(np.int64)], None


def _tags(soft: SoftTask) -> Shares:
    """Probabilities of each tag by itself."""
    share = (soft.own_mC.sum(0) + 1.0) / (len(soft.own_mC) + 2.0)
    odds: Any = np.log(share) - np.log1p(-np.minimum(share, 1 - 1e-6))
    for seen_m, seen_s in soft.seen.values():
        odds = odds + seen_s @ (log_ratios(soft.own_mC, seen_m) - log_ratios(1 - soft.own_mC, seen_m)).T
    return (1 / (1 + np.exp(-odds))).astype(np.float32)


def _regression(input_mF: Shares, code_m: NDArray[np.int64], input_sF: Shares, size: int, strength: float) -> Shares:
    """Probabilities of the values by multinomial logistic regression on standardised inputs; absent values get 0."""
    from sklearn.linear_model import LogisticRegression

    found = np.zeros((len(input_sF), size), np.float32)
    if len(np.unique(code_m)) < 2 or input_mF.shape[1] == 0:
        found[:] = np.bincount(code_m, minlength=size) / len(code_m)
        return found
    centre, scale = input_mF.mean(0), np.maximum(input_mF.std(0), 1e-6)
    model = LogisticRegression(C=strength, max_iter=1_000)
    model.fit((input_mF - centre) / scale, code_m)
    found[:, model.classes_] = model.predict_proba(np.clip((input_sF - centre) / scale, -5, 5))
    return found


def _spread(one: Shares, other: Shares) -> tuple[Shares, Shares]:
    """The columns of an answer that differ most between questions."""
    order = np.argsort(-one.std(0), kind="stable")[:MOST_ANSWERS]
    return one[:, order], other[:, order]


def _sure(soft: SoftTask, own_sC: Shares) -> SoftLabels | None:
    """The model's own answers where it is sure; a number is never sure of itself."""
    if soft.labels.output == "number":
        return None
    if soft.labels.output == "tags":
        return _chosen(soft, own_sC, np.asarray((np.maximum(own_sC, 1 - own_sC) >= SURE).all(1)))
    label = np.eye(own_sC.shape[1], dtype=np.float32)[own_sC.argmax(1)]
    return _chosen(soft, label, own_sC.max(1) >= SURE)


def _chosen(soft: SoftTask, share_sC: Shares, chosen: NDArray[np.bool_], loss: float = 0.0) -> SoftLabels | None:
    """The labels of the chosen questions in the form of the head's answers."""
    if not chosen.any():
        return None
    share = share_sC[chosen]
    if soft.labels.output == "binary":
        share = share[:, 1]
    elif soft.value_C is not None:
        share = share @ soft.value_C
    return SoftLabels(soft.question_s[chosen], np.ascontiguousarray(share, np.float32), soft.weight, loss)
