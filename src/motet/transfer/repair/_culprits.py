"""Who harms whom: read off the look-ahead affinity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from motet.transfer.arms import Arms


def culprits(tasks: Iterable[str], affinity: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """Return, per harmed task, the other task whose steps harm it most; tasks that nobody harms are left out.

    affinity: source → target → Z, below zero where a step for the source raises the target's loss.
    """
    found = {}
    for task in tasks:
        pulls = {source: row[task] for source, row in affinity.items() if source != task and task in row}
        worst = min(pulls, key=lambda source: pulls[source], default=None)
        if worst is not None and pulls[worst] < 0:
            found[task] = worst
    return found


def hold_back(tasks: Iterable[str], arms: Arms, *, joint: str, share: float) -> str | None:
    """Return the joint model trained on with no more than `share` of each worst culprit's gradient in it."""
    harmed = list(tasks)
    worst = culprits(harmed, arms.affinity(joint))
    return arms.valved(joint, dict.fromkeys(worst.values(), share), harmed) if worst else None
