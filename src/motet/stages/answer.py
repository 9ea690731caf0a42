"""Ask a model a study's questions, and put the answers into the form that judges read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data.hashing import halves
from motet.evaluate import Predictions
from motet.features.pairs import COMMON
from motet.model.assemble import MotetModel
from motet.model.predict import Asked, Predictor
from motet.schema import TEST, TRAIN, VALID
from motet.stages.listing import best_items
from motet.stages.study import Study
from motet.stages.together import Place, batches_together
from motet.tasks.ranking import target_ranks
from motet.tasks.units import units_of

Role = Literal["A", "B", "valid", "test", "train"]
"""Validation questions are halved by the parity of their unit's sha1: A chooses, B checks a repair."""
RANK_CELLS = 8_000_000
LIST_LENGTH = 10


def questions_of_role(study: Study, task: str, role: Role, *, most: int | None = None) -> NDArray[np.int64]:
    """Return the positions of a task's examples in a role; `most` thins them evenly to at most so many."""
    examples = study.examples[task]
    part = {"train": TRAIN, "test": TEST}.get(role, VALID)
    inside = examples.part_n == part
    if role in ("A", "B"):
        rows = np.flatnonzero(inside)
        inside[rows] = halves(examples.unit.gather(rows)) == (0 if role == "A" else 1)
    chosen = np.flatnonzero(inside)
    if most is not None and len(chosen) > most:
        chosen = chosen[np.linspace(0, len(chosen) - 1, most).astype(np.int64)]
    return chosen


def answer(
    study: Study,
    model: MotetModel,
    task: str,
    chosen: NDArray[np.int64],
    *,
    sliced: bool = False,
    predictor: Predictor | None = None,
) -> Predictions:
    """Return a model's predictions for the chosen examples of a task.

    sliced: with groups of the questions and, for a ranking, the best items; for reports, not for choosing an epoch.
    """
    return answers(study, model, {task: chosen}, sliced=sliced, predictor=predictor)[task]


def answers(
    study: Study,
    model: MotetModel,
    chosen: Mapping[str, NDArray[np.int64]],
    *,
    sliced: bool = False,
    predictor: Predictor | None = None,
) -> dict[str, Predictions]:
    """Return a model's predictions for the chosen examples of several tasks; see `answer`.

    A history that several tasks ask about is read once.
    """
    predictor = predictor or Predictor(model, study.tensors)
    makers = {task: _maker(study, predictor, task, positions, sliced=sliced) for task, positions in chosen.items()}
    for places, batch in batches_together(study, chosen):
        asked = predictor.asked(batch)
        for task, place in places.items():
            makers[task].take(place, asked)
    return {task: maker.made() for task, maker in makers.items()}


class _Maker(Protocol):
    """Predictions in the making."""

    def take(self, place: Place, asked: Asked) -> None:
        """Answer the questions of a batch that was put to the model."""
        ...

    def made(self) -> Predictions:
        """Return the predictions."""
        ...


def _maker(study: Study, predictor: Predictor, task: str, chosen: NDArray[np.int64], *, sliced: bool) -> _Maker:
    unit_n, other_n = units_of(study.examples[task], study.division, chosen)
    blank = Predictions(
        task=study.project.tasks[task],
        output=study.features.state.labels[task].output,
        unit_n=unit_n,
        other_n=other_n,
        slices=slices_of(study, task, chosen) if sliced else {},
    )
    if blank.output == "ranking":
        return _Ranked(study, predictor, task, chosen, blank, listed=sliced)
    return _Scored(study, task, chosen, blank)


class _Ranked:
    """Makes the predictions of a ranking. listed: with the best items of each question."""

    def __init__(
        self,
        study: Study,
        predictor: Predictor,
        task: str,
        chosen: NDArray[np.int64],
        blank: Predictions,
        *,
        listed: bool,
    ) -> None:
        self.study, self.predictor, self.task, self.chosen, self.blank = study, predictor, task, chosen, blank
        self.num_items = study.shape.num_items
        self.step = max(1, RANK_CELLS // max(1, self.num_items))
        self.target = study.examples[task].label.gather(chosen).to_numpy()
        self.rank = np.zeros(len(chosen), np.int64)
        self.top = np.zeros((len(chosen), min(LIST_LENGTH, self.num_items)), np.int32) if listed else None

    def take(self, place: Place, asked: Asked) -> None:
        """See `_Maker`."""
        states, step = asked.ranking(self.task).take(place.row), self.step
        for begin in range(0, len(place.at), step):
            part = place.at[begin : begin + step]
            scores = self.predictor.ranking_scores(self.task, states[begin : begin + step]).float()
            seen = seen_items(self.study, self.task, self.chosen[part])
            self.rank[part] = target_ranks(scores.cpu().numpy(), self.target[part], seen=seen)
            if self.top is not None:
                self.top[part] = best_items(scores, LIST_LENGTH, seen=seen)

    def made(self) -> Predictions:
        """See `_Maker`."""
        own = self.target.astype(np.int64)
        return replace(self.blank, rank_n=self.rank, top_nK=self.top, num_items=self.num_items, target_n=own)


class _Scored:
    """Makes the predictions of a task that answers with numbers."""

    def __init__(self, study: Study, task: str, chosen: NDArray[np.int64], blank: Predictions) -> None:
        self.task, self.blank = task, blank
        self.labels, self.known = study.features.state.labels[task], study.examples[task].label.gather(chosen)
        one = self.labels.output in ("binary", "number")
        self.score = np.zeros((len(chosen),) if one else (len(chosen), self.labels.size), np.float32)

    def take(self, place: Place, asked: Asked) -> None:
        """See `_Maker`."""
        self.score[place.at] = asked.answers(self.task).float().cpu().numpy()[place.row]

    def made(self) -> Predictions:
        """See `_Maker`."""
        output = self.labels.output
        score = self.labels.unscaled(self.score) if output == "number" else self.score
        label = self.known.to_numpy() if output in ("ordinal", "number") else self.labels.encode(self.known)
        levels = np.asarray(self.labels.levels, np.float32) if output == "ordinal" else None
        return replace(self.blank, score=score, label=np.asarray(label, np.float32), levels_C=levels)


def seen_items(study: Study, task: str, chosen: NDArray[np.int64]) -> list[NDArray[np.int32]] | None:
    """Return the items of each question's history, or None where items may return."""
    if getattr(study.project.tasks[task], "repeats", "mask") == "allow":
        return None
    examples, events = study.examples[task], study.division.events
    assert events is not None and examples.user_n is not None and examples.cut_n is not None
    user, cut = examples.user_n[chosen], examples.cut_n[chosen]
    begin = events.starts[np.maximum(user, 0)]
    return [events.item_N[first : first + count] for first, count in zip(begin, cut, strict=True)]


def slices_of(study: Study, task: str, chosen: NDArray[np.int64]) -> dict[str, NDArray[np.str_]]:
    """Return named groups of the questions.

    By how often the item was seen, how long the history is (of a pair, the shorter one), how long the text, and how
    many users both of a pair know.
    """
    examples = study.examples[task]
    found: dict[str, NDArray[np.str_]] = {}
    items = study.features.arrays.items
    target = examples.item_n[chosen] if examples.item_n is not None else None
    if examples.output == "ranking":
        target = examples.label.gather(chosen).to_numpy()
    if items is not None and target is not None:
        count = items.count[target + 1]
        found["item"] = _banded(
            count, (1, 10, 50), ("cold (never seen)", "rare (1-9)", "known (10-49)", "popular (50+)")
        )
    if examples.cut_n is not None:
        cut = examples.cut_n if examples.other_cut_n is None else np.minimum(examples.cut_n, examples.other_cut_n)
        found["history"] = _banded(cut[chosen], (1, 5, 20), ("none", "1-4 events", "5-19 events", "20+ events"))
    view = study.features.state.views[task]
    if "other" in view.sources:
        shared = common_neighbours(study, task)[chosen]
        found["common neighbours"] = _banded(shared, (1, 3, 10), ("none", "1-2 users", "3-9 users", "10+ users"))
    if "text" in view.sources:
        rows = study.division.inputs[view.table][examples.row_n[chosen]]
        length = rows.select(
            pl.sum_horizontal(pl.col(name).str.len_chars().fill_null(0) for name in view.text)
        ).to_series()
        found["text"] = _banded(length.to_numpy(), (1, 100, 400), ("empty", "short", "middling", "long"))
    return found


def common_neighbours(study: Study, task: str) -> NDArray[np.int64]:
    """Return how many users both sides of each pair are related to, among the training pairs."""
    view = study.features.state.views[task]
    questions, standard = study.features.questions[view.name], study.features.state.standardise[view.name]
    assert questions.pair_nF is not None, "pairs have numbers"
    log_count = questions.pair_nF[:, COMMON] * standard.scale[COMMON] + standard.mean[COMMON]
    return np.rint(np.expm1(log_count))[questions.tasks[task].question_m].astype(np.int64)


def _banded(value: NDArray[np.integer], edges: tuple[int, ...], names: tuple[str, ...]) -> NDArray[np.str_]:
    return np.asarray(names)[np.searchsorted(np.asarray(edges), value, side="right")]
