"""Which tasks learn together: groups grow while what joins helps, or at least disturbs nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import hypot
from statistics import fmean

from motet.transfer.advise.gains import Gain

NEUTRAL = -0.02
"""A mean gain that is this close to nothing is none, and no loss either."""

Gains = Mapping[tuple[str, str], Gain]
Group = tuple[str, ...]


def group(tasks: Sequence[str], gains: Gains, values: Mapping[str, float]) -> list[Group]:
    """Return the groups, largest first, each in the tasks' order. A group of one is better left alone.

    gains: (source, target) → what a step for the source gives the target. values: what each task is worth; a gain
    counts as much as the task that has it. Pairs that were never measured neither help nor harm. Two groups join,
    the best pair of groups first, while the mean gain is not below nothing, by its standard error, and no task of
    either is clearly harmed.
    """
    groups: list[Group] = [(task,) for task in tasks]
    while len(groups) > 1:
        found = [(joined_gain(one, other, gains, values), one, other) for one, other in combinations(groups, 2)]
        allowed = [each for each in found if _fits(each[0]) and not any(harmed(each[1], each[2], gains))]
        if not allowed:
            break
        _, one, other = max(allowed, key=lambda each: each[0].value)
        joined = tuple(task for task in tasks if task in one or task in other)
        groups = [each for each in groups if each not in (one, other)] + [joined]
    return sorted(groups, key=lambda each: (-len(each), tasks.index(each[0])))


def _fits(gain: Gain) -> bool:
    """Whether a join loses nothing, as far as one standard error allows to say: one trunk costs less than two."""
    return gain.value + gain.error >= NEUTRAL


def joined_gain(one: Group, other: Group, gains: Gains, values: Mapping[str, float]) -> Gain:
    """Return what tasks of two groups would give one another, in the mean weighted by value."""
    sides = [(task, into(task, other, gains)) for task in one] + [(task, into(task, one, gains)) for task in other]
    worth = {task: values[task] for task, _ in sides}
    if not any(worth.values()):
        worth = dict.fromkeys(worth, 1.0)
    total = sum(worth.values())
    mean = sum(worth[task] * gain.value for task, gain in sides) / total
    return Gain(mean, hypot(*(worth[task] * gain.error for task, gain in sides if worth[task])) / total)


def harmed(one: Group, other: Group, gains: Gains) -> Iterator[bool]:
    """Yield, for every task of two groups, whether the other group clearly harms it."""
    yield from (into(task, other, gains).harms for task in one)
    yield from (into(task, one, gains).harms for task in other)


def into(task: str, sources: Sequence[str], gains: Gains) -> Gain:
    """Return the mean of what other tasks' steps give a task; nothing where none was measured."""
    known = [gains[source, task] for source in sources if source != task and (source, task) in gains]
    known = [gain for gain in known if gain.known]
    if not known:
        return Gain(0.0, 0.0)
    return Gain(fmean(gain.value for gain in known), hypot(*(gain.error for gain in known)) / len(known))
