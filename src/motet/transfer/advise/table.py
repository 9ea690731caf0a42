"""Advice as text: readable in a terminal without colours, in a log, in a mail."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from motet.transfer.advise.facts import PairFacts, TaskFacts
from motet.transfer.advise.gains import Gain
from motet.transfer.grid import grid

if TYPE_CHECKING:
    from motet.transfer.advise.advice import Advice

TASKS = ("task", "kind", "labels", "s per pass", "own parameters", "value")
PAIRS = ("pair", "labels meet", "correlation", "fewer : more", "first to second", "second to first", "cosine")
LEGEND = (
    "labels meet: share of the smaller task's training labels whose row, item or user has a label of the other.",
    "first to second: what a step for the first task gives the second, in parts of what its own step gives "
    "(± a standard error);",
    "below zero it harms. cosine: between the gradients of both at the shared weights.",
)


def render(advice: Advice) -> str:
    """Return what was found, what is advised, and the lines for the project file."""
    parts = [grid(TASKS, [_task(each) for each in advice.tasks.values()], right=range(2, 6))]
    if advice.pairs:
        parts += [grid(PAIRS, [_pair(each) for each in advice.pairs], right=(4, 5, 6)), "\n".join(LEGEND)]
    said = [f"together: {', '.join(members)}: {why}" for members, why in advice.groups]
    said += [f"alone: {task}: {why}" for task, why in advice.alone.items()]
    said += [f"main task: {advice.main.what}: {advice.main.why}"]
    said += [f"sharing: {advice.sharing.what}: {advice.sharing.why}"]
    said += [f"balance: {advice.balance.what}: {advice.balance.why}"]
    return "\n\n".join([*parts, "\n".join(said), f"lines for the project file:\n\n{advice.lines().rstrip()}"])


def _task(task: TaskFacts) -> tuple[str, ...]:
    return (task.task, task.kind, f"{task.labels:,}", f"{task.seconds:.1f}", f"{task.private:,}", f"{task.value:g}")


def _pair(pair: PairFacts) -> tuple[str, ...]:
    met = f"{pair.overlap:.0%} by {pair.by}" if pair.by is not None else "-"
    return (
        f"{pair.one} · {pair.other}",
        met,
        _correlation(pair),
        f"{1 - pair.complementarity:.2f}",
        _gain(pair.forward),
        _gain(pair.backward),
        f"{pair.cosine:+.2f}" if math.isfinite(pair.cosine) else "-",
    )


def _correlation(pair: PairFacts) -> str:
    if pair.correlation is None:
        return "-"
    return f"{pair.correlation:+.2f} rank" if pair.measure == "spearman" else f"{pair.correlation:.2f} V"


def _gain(gain: Gain) -> str:
    if not gain.known:
        return "-"
    return f"{gain.value:+.2f}" + (f" ± {gain.error:.2f}" if math.isfinite(gain.error) else "")
