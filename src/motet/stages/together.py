"""Batches that ask several tasks at once, so that a history which all of them ask about is read once.

n chosen examples of a task; a batch has a block of m questions for every view that it asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motet.features.asking import asks_of_one_history, history_batches, question_batches
from motet.features.batch import Batch
from motet.features.questions import Questions
from motet.stages.study import Study

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """Where a task's examples stand. at: among the chosen ones; row: among the questions of the batch's block."""

    at: Index
    row: Index


def batches_together(study: Study, chosen: Mapping[str, Index]) -> Iterator[tuple[dict[str, Place], Batch]]:
    """Yield batches that cover the chosen examples of all tasks, with the places of the tasks that they ask."""
    together = [task for task in chosen if asks_of_one_history(_questions(study, task))]
    for task in chosen:
        if task not in together:
            for place, batch in batches_of(study, task, chosen[task]):
                yield {task: Place(place, np.arange(len(place)))}, batch
    if together:
        yield from _of_histories(study, {task: chosen[task] for task in together})


def batches_of(study: Study, task: str, chosen: Index) -> Iterator[tuple[Index, Batch]]:
    """Return batches of the chosen examples of a task, each with the places of its questions among them."""
    questions = _questions(study, task)
    asked = questions.tasks[task].question_m[chosen]
    return question_batches(questions, asked, _starts(study), max_history=study.project.trunk.max_history)


def _of_histories(study: Study, chosen: Mapping[str, Index]) -> Iterator[tuple[dict[str, Place], Batch]]:
    question_of = {task: _questions(study, task).tasks[task].question_m[each] for task, each in chosen.items()}
    asked: dict[str, list[Index]] = {}
    for task, question in question_of.items():
        asked.setdefault(_view(study, task), []).append(question)
    views = {view: np.unique(np.concatenate(each)) for view, each in asked.items()}
    lookups = {task: _Lookup(views[_view(study, task)], question) for task, question in question_of.items()}
    pairs = [(study.features.questions[view], each) for view, each in views.items()]
    for places, batch in history_batches(pairs, _starts(study), max_history=study.project.trunk.max_history):
        held = dict(zip(views, places, strict=True))
        found = {task: lookup.of(held[_view(study, task)]) for task, lookup in lookups.items()}
        yield {task: place for task, place in found.items() if len(place.at)}, batch


class _Lookup:
    """Where each of a view's asked questions stands among the examples of one of its tasks; perhaps several times."""

    def __init__(self, asked: Index, question_n: Index) -> None:
        position = np.searchsorted(asked, question_n)
        self.order = np.argsort(position, kind="stable")
        self.start = np.searchsorted(position[self.order], np.arange(len(asked) + 1))

    def of(self, place: Index) -> Place:
        """Return the places of the questions that stand at `place` among the asked ones."""
        begin, count = self.start[place], self.start[place + 1] - self.start[place]
        step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return Place(self.order[np.repeat(begin, count) + step], np.repeat(np.arange(len(place)), count))


def _questions(study: Study, task: str) -> Questions:
    return study.features.questions[_view(study, task)]


def _view(study: Study, task: str) -> str:
    return study.features.state.views[task].name


def _starts(study: Study) -> Index | None:
    return study.division.events.starts if study.division.events is not None else None
