"""Successive halving (Jamieson & Talwalkar 2016, arXiv:1502.07943): rivals train a little, the better half goes on.

The plain rival stays to the end: it is what the others are compared with at equal training, and it wins where none of
them is clearly better, because it is the cheapest and the best understood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MARGIN = 0.005
"""A rival has to be better than the plain one by this much, relatively: less may be chance, and costs more to serve."""
MOST = 1.0
"""A task counts with a change of 100 % at most: beyond it the reference was next to nothing."""

Scores = Mapping[str, float]
"""A task's score on validation half A; larger is better."""
Train = Callable[[str, int], Sequence[Scores]]
"""(rival, units) → its scores after each unit of training so far; it goes on from where it stood until so many."""


@dataclass(frozen=True)
class Trial:
    """One rival's course.

    units: how long it trained. score: of its best snapshot, relative to the plain rival's best after as much training.
    """

    kind: str
    units: int
    score: float


@dataclass(frozen=True)
class Choice:
    """The kind that won, in one sentence why, and all trials, the best first."""

    kind: str
    why: str
    trials: tuple[Trial, ...]


def rounds_of(rivals: int) -> list[tuple[int, int]]:
    """Return, per round, (how many rivals train, units that each has trained at its end)."""
    found, left, units, start = [], rivals, 0, rivals
    while left > 1:
        units += start // left
        found.append((left, units))
        left = max(2, -(-left // 2)) if left > 2 else 1
    return found


def units_in_all(rivals: int) -> int:
    """Return how many units of training a choice between so many rivals takes."""
    before, total = 0, 0
    for left, units in rounds_of(rivals):
        total += left * (units - before)
        before = units
    return total


def halve(
    rivals: Mapping[str, str],
    train: Train,
    values: Mapping[str, float],
    *,
    on_round: Callable[[Sequence[str], int, int], None] = lambda kinds, units, ahead: None,
) -> Choice:
    """Return the choice between rivals.

    rivals: kind → what it is, in a phrase, the plain one first. values: what each task is worth. on_round: told who
    trains in a round, until how many units, and how many units of training all later rounds take.
    """
    plain, *_ = left = list(rivals)
    trials: dict[str, Trial] = {}
    ahead, before = units_in_all(len(left)), 0
    for many, units in rounds_of(len(left)):
        left = left[:many]
        ahead, before = ahead - many * (units - before), units
        on_round(left, units, ahead)
        courses = {kind: train(kind, units) for kind in left}
        trials |= {kind: Trial(kind, units, _best(courses[kind], courses[plain], values)) for kind in left}
        left = [plain, *sorted(left[1:], key=lambda kind: -trials[kind].score)]
    ranked = sorted(trials.values(), key=lambda trial: (-trial.units, -trial.score))
    return _decided(plain, rivals, ranked)


def weighted_relative(scores: Scores, reference: Scores, values: Mapping[str, float]) -> float:
    """Return the mean over tasks of (score − reference) / |reference|, weighted by value; alike where all are 0."""
    changes = {task: _change(scores[task], given) for task, given in reference.items()}
    worth = {task: values.get(task, 1.0) for task in changes}
    total = sum(worth.values())
    if total <= 0:
        return sum(changes.values()) / len(changes)
    return sum(worth[task] * change for task, change in changes.items()) / total


def _change(score: float, reference: float) -> float:
    return max(-MOST, min(MOST, (score - reference) / max(abs(reference), 1e-9)))


def _best(course: Sequence[Scores], plain: Sequence[Scores], values: Mapping[str, float]) -> float:
    """The best snapshot of a course against the best one of the plain rival, after as many units."""
    reference = plain[0]
    for scores in plain[1:]:
        if weighted_relative(scores, reference, values) > 0:
            reference = scores
    return max(weighted_relative(scores, reference, values) for scores in course)


def _decided(plain: str, rivals: Mapping[str, str], ranked: Sequence[Trial]) -> Choice:
    others = [trial for trial in ranked if trial.kind != plain]
    if not others:
        return Choice(plain, f"{rivals[plain]}: nothing else fits this project.", tuple(ranked))
    best = others[0]
    if best.score > MARGIN:
        why = (
            f"{rivals[best.kind]}: {best.score:.1%} above {plain} on validation, in the mean over tasks by value, "
            "after equal training."
        )
        return Choice(best.kind, why, tuple(ranked))
    why = (
        f"{rivals[plain]}: no other was better by more than {MARGIN:.1%} on validation, in the mean over tasks by "
        f"value ({best.kind} {best.score:+.1%})."
    )
    return Choice(plain, why, tuple(ranked))
