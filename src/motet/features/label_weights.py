"""How much each label counts in its task's loss: alike, balanced by training counts, or as the project says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motet.errors import ProjectError
from motet.features.labels import Labels
from motet.registry import nearest
from motet.schema import TaskBase

MOST = 100.0
"""No label is balanced up to more than this: a handful of rows would rule the steps that they are in."""
SHOWN = 8
NO_YES = ("no", "yes")


def label_weights(task: TaskBase, labels: Labels) -> tuple[float, ...]:
    """Return a weight per label, or () where all count alike.

    class: per class. binary: (no, yes). tags: per tag, of the rows that have it. Balanced: every class, or yes and no,
    weighs the same in sum, with a mean of 1 over the training rows; a tag's presences weigh as much as its absences.
    Raises ProjectError for a weight of a label that no training row has.
    """
    wanted: Any = getattr(task, "class_weights", "none")
    if wanted == "none" or labels.output not in ("binary", "class", "tags"):
        return ()
    if wanted == "balanced":
        return tuple(min(weight, MOST) for weight in _balanced(labels))
    return _named(task, wanted, NO_YES if labels.output == "binary" else labels.classes)


def _balanced(labels: Labels) -> list[float]:
    shares = [min(max(share, 1e-9), 1 - 1e-9) for share in labels.prior]
    if labels.output == "tags":
        return [(1 - share) / share for share in shares]
    if labels.output == "binary":
        shares = [1 - shares[0], shares[0]]
    return [1 / (len(shares) * share) for share in shares]


def _named(task: TaskBase, wanted: Mapping[str, float], known: tuple[str, ...]) -> tuple[float, ...]:
    for name in wanted:
        if name not in known:
            shown = ", ".join(known[:SHOWN]) + (", …" if len(known) > SHOWN else "")
            raise ProjectError(
                f"Task '{task.name}': class_weights names '{name}', which no training row has; known: {shown}.",
                nearest(name, list(known)).strip() or "Choose one of these.",
            )
    return tuple(float(wanted.get(name, 1.0)) for name in known)
