"""What a batch asks, told back from its arrays: who reads how many events, about what, with which answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from motet.features.batch import Batch
from motet.features.questions import Questions
from motet.stages.study import Study


def told(study: Study, batch: Batch, task: str) -> Iterator[tuple[Any, ...]]:
    """Yield (user, events read, item, row, second user and events read, label) of a task's questions, in order.

    None where the view has no such.
    """
    for block in batch.blocks:
        if task not in block.targets:
            continue
        target = block.targets[task]
        for index, label in zip(target.index_m, target.label_m, strict=True):
            user, cut = (None, None) if block.state_n is None else reader(study, batch, int(block.state_n[index]))
            item = None if block.item_n is None else int(block.item_n[index])
            row = None if block.row_n is None else int(block.row_n[index])
            other = None
            if block.other_state_n is not None:
                other = reader(study, batch, int(block.other_state_n[index]))
            yield user, cut, item, row, other, np.asarray(label).tobytes()


def reader(study: Study, batch: Batch, state: int) -> tuple[int, int]:
    """Return (user index + 1, how many of the user's events the state's token has read)."""
    segments = batch.segments
    assert segments is not None and study.division.events is not None
    row, token = divmod(state, segments.event_BL.shape[1] + 1)
    user = int(segments.user_B[row])
    if token == 0:
        return user, 0
    last = int(segments.event_BL[row, token - 1])
    assert last > 0, "a question reads padding"
    return user, last - int(study.division.events.starts[max(user - 1, 0)])


def wanted(study: Study, task: str, part: int) -> list[tuple[Any, ...]]:
    """Return the same of every labelled question of a part, from the questions themselves."""
    view = study.features.state.views[task]
    questions = study.features.questions[view.name]
    labels = questions.tasks[task]
    found = []
    for position in np.flatnonzero(labels.part_m == part):
        at = labels.question_m[position]
        shown = "text" in view.sources or "row" in view.sources
        found.append(
            (
                None if questions.user_n is None else int(questions.user_n[at]),
                None if questions.cut_n is None else int(questions.cut_n[at]),
                None if questions.item_n is None else int(questions.item_n[at]),
                int(questions.row_n[at]) if shown else None,
                None if questions.other_n is None else _second(questions, at),
                np.asarray(labels.label_m[position]).tobytes(),
            )
        )
    return found


def _second(questions: Questions, at: int) -> tuple[int, int]:
    assert questions.other_n is not None and questions.other_cut_n is not None
    return int(questions.other_n[at]), int(questions.other_cut_n[at])
