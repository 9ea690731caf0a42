"""All tasks of a project to examples, and a refusal where there is too little to learn from."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import Division
from motet.data.held_out import row_label
from motet.data.label_share import keeps, label_share
from motet.errors import DataError
from motet.schema import TEST, TRAIN, VALID, TaskBase
from motet.tasks._protocol import TASK_KINDS, Examples

MIN_TRAINING, MIN_HELD_OUT, MIN_CLASSES, MIN_EACH_WAY = 20, 2, 2, 5
MIN_SHARE, MIN_SHARE_EACH_WAY = 10, 2
"""Where the project itself asks for few labels."""


def all_examples(division: Division) -> dict[str, Examples]:
    """Return the examples of every task of the project, by task name."""
    return {name: examples_of(task, division) for name, task in division.project.tasks.items()}


def examples_of(task: TaskBase, division: Division) -> Examples:
    """Return the examples of one task.

    Raises DataError for fewer than 20 training labels, fewer than 2 in validation or test, or labels that do not
    vary enough to be learned and judged.
    """
    examples = known_examples(task, division)
    if label_share(task) < 1 and row_label(task) is None:
        examples = examples.take(kept_by_user(task, examples))
    problem = _too_little(examples, few=label_share(task) < 1, judged=not task.auxiliary)
    if problem:
        raise DataError(
            f"Task '{task.name}' {problem}; {_counts(examples)}.",
            "Bring more labelled rows, check the column's declaration, or remove the task.",
        )
    return examples


def known_examples(task: TaskBase, division: Division) -> Examples:
    """Return the examples of a task as its kind makes them, before a share of users is left out."""
    return TASK_KINDS.get(getattr(task, "kind", ""))().examples(task, division)


def kept_by_user(task: TaskBase, examples: Examples) -> NDArray[np.bool_]:
    """Return, per example of a task whose answer is not one cell, whether its label is kept: whole users are."""
    return (examples.part_n != TRAIN) | keeps(examples.unit, label_share(task))


def _too_little(examples: Examples, *, few: bool, judged: bool) -> str:
    """What is missing, or an empty string."""
    sizes = [int((examples.part_n == part).sum()) for part in (TRAIN, VALID, TEST)]
    least = MIN_SHARE if few else MIN_TRAINING
    if sizes[TRAIN] < least:
        return f"has {sizes[TRAIN]} known training labels, at least {least} are needed"
    if judged and min(sizes[VALID:]) < MIN_HELD_OUT:
        return f"has too few held-out labels, at least {MIN_HELD_OUT} are needed in validation and in test"
    training = _labels(examples, TRAIN)
    if training.n_unique() < MIN_CLASSES:
        return f"has only one training label, {training.first()!r}"
    return _one_sided(examples, few=few, judged=judged) if examples.output == "binary" else ""


def _one_sided(examples: Examples, *, few: bool, judged: bool) -> str:
    each_way = MIN_SHARE_EACH_WAY if few else MIN_EACH_WAY
    wanted = ((TRAIN, each_way, "training"), (VALID, 1, "validation"), (TEST, 1, "test"))
    for part, needed, name in wanted if judged else wanted[:1]:
        label = _labels(examples, part)
        yes = int(label.sum())
        if min(yes, len(label) - yes) < needed:
            return f"has {yes} yes and {len(label) - yes} no in {name}, at least {needed} of each are needed"
    return ""


def _labels(examples: Examples, part: int) -> pl.Series:
    """The single labels of a part; lists of tags are opened."""
    label = examples.label.filter(pl.Series(examples.part_n == part))
    return label.explode().drop_nulls() if examples.output == "tags" else label


def _counts(examples: Examples) -> str:
    names = ((TRAIN, "training"), (VALID, "validation"), (TEST, "test"))
    found = [f"{int((examples.part_n == part).sum())} {name}" for part, name in names]
    left_out = [f"{count} {reason}" for reason, count in examples.counts.items()]
    known = f"known labels: {', '.join(found)} ({100 * examples.coverage:.1f} % of the rows)"
    return f"{known}; left out: {', '.join(left_out)}" if left_out else known
