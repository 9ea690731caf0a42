"""Batches with labels for chosen examples, in a fixed order: what a loss is measured on outside of training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from motet.features.asking import question_batches
from motet.features.batch import Batch, Target
from motet.features.questions import Questions

Index = NDArray[np.int64]


def labelled_batches(
    questions: Questions, chosen: Mapping[str, Index], starts: Index | None, *, max_history: int
) -> Iterator[Batch]:
    """Yield batches that ask the chosen examples of a view's tasks, whatever part they belong to.

    chosen: task → positions among its labelled examples. starts: where each user's events begin.
    """
    known = {task: _lookup(questions, task, positions) for task, positions in chosen.items() if len(positions)}
    if not known:
        return
    asked = np.flatnonzero(np.any([where >= 0 for where in known.values()], axis=0))
    for place, batch in question_batches(questions, asked, starts, max_history=max_history):
        (block,) = batch.blocks
        targets = {}
        for task, where in known.items():
            found = where[asked[place]]
            index = np.flatnonzero(found >= 0)
            if len(index):
                targets[task] = Target(index, questions.tasks[task].label_m[found[index]])
        yield replace(batch, blocks=(replace(block, targets=targets),))


def _lookup(questions: Questions, task: str, positions: Index) -> Index:
    """Question → position of its chosen example, or −1."""
    where = np.full(len(questions), -1, np.int64)
    where[questions.tasks[task].question_m[positions]] = positions
    return where
