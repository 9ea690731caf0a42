"""The members of a fusion: packed models read again with their data, and classic recommenders fitted anew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motet.artifact import Folder, layout
from motet.baseline import BASELINES, refusal
from motet.baseline._past import Pasts
from motet.data import Division
from motet.errors import RequestError
from motet.evaluate import Predictions
from motet.evaluate.calibrators.apply import applied
from motet.model.parts import Served
from motet.model.predict import Predictor
from motet.recommend.calibrated import NONE
from motet.recommend.classic import Classic
from motet.recommend.fusion import log_softmax
from motet.stages.answer import answer
from motet.stages.judging import reread
from motet.stages.study import Study
from motet.stages.together import batches_of
from motet.tasks import Examples

CLASSICS = ("popularity", "item_knn", "ease", "als")


@dataclass(frozen=True)
class ModelMember:
    """A packed model with its study. name: what the fusion calls it."""

    name: str
    folder: Folder
    study: Study
    served: Served

    def predictions(self, task: str, chosen: NDArray[np.int64], *, sliced: bool = False) -> Predictions:
        """Return the calibrated answers to the chosen examples of a task."""
        model = self.served.models[self.served.routes[task]]
        found = answer(self.study, model, task, chosen, sliced=sliced)
        return applied(found, self.served.calibration.get(task, NONE))

    @property
    def sha256(self) -> str:
        """The checksum of its manifest, which holds those of all its parts."""
        return hashlib.sha256(self.folder.manifest.to_bytes()).hexdigest()


class ListedModel:
    """A model before one ranking: log-probabilities of questions, block by block."""

    log = True

    def __init__(self, member: ModelMember, task: str) -> None:
        self.name, self._study, self._task = member.name, member.study, task
        served = member.served
        self._temperature = served.calibration.get(task, NONE).temperature
        self._predictor = Predictor(served.models[served.routes[task]], member.study.tensors)

    def scores(self, block: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return (B, I)."""
        found = np.zeros((len(block), self._study.shape.num_items), np.float32)
        for place, batch in batches_of(self._study, self._task, block):
            states = self._predictor.ranking_states(self._task, batch)
            scores = self._predictor.ranking_scores(self._task, states).float().cpu().numpy()
            found[place] = log_softmax((scores / self._temperature).astype(np.float32))
        return found


class ListedClassic:
    """A classic recommender before one ranking."""

    log = False

    def __init__(self, name: str, known: Classic, examples: Examples, division: Division) -> None:
        self.name, self.known = name, known
        self._had = histories_of(examples, division)

    def scores(self, block: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return (B, I)."""
        return self.known.scores(self._had(block))


def histories_of(examples: Examples, division: Division) -> Callable[[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """Return what tells the items that users of examples had, oldest first, question by question."""
    assert division.events is not None, "lists need events"
    pasts = Pasts(division.events)
    return lambda block: pasts.of(examples, block).by_row()


def read_members(paths: Sequence[str | Path], *, data: str | Path | None = None) -> list[ModelMember]:
    """Return the packed models with their studies, named after their folders.

    Raises RequestError where they were not trained on the same tables, tasks and split.
    """
    found: list[ModelMember] = []
    for path in paths:
        folder, study, served = reread(path, data=data)
        name, taken = folder.path.name, {each.name for each in found}
        while name in taken:
            name += "'"
        found.append(ModelMember(name, folder, study, served))
    for other in found[1:]:
        check_same_questions(found[0], other)
    return found


def check_same_questions(one: ModelMember, other: ModelMember) -> None:
    """Raise RequestError unless two models answer the same questions wherever they share a task."""
    shared = [task for task in one.served.routes if task in other.served.routes]
    same = bool(shared)
    events = (one.study.division.events, other.study.division.events)
    if events[0] is not None and events[1] is not None:
        same &= events[0].items.equals(events[1].items) and events[0].users.equals(events[1].users)
    for task in shared:
        ours, theirs = one.study.examples[task], other.study.examples[task]
        same = same and len(ours) == len(theirs) and ours.unit.equals(theirs.unit)
        same = same and np.array_equal(ours.part_n, theirs.part_n) and ours.label.equals(theirs.label)
        labels = one.study.features.state.labels[task], other.study.features.state.labels[task]
        same = same and labels[0].classes == labels[1].classes and labels[0].levels == labels[1].levels
    if not same:
        raise RequestError(
            f"'{one.name}' and '{other.name}' do not answer the same questions: their tables, tasks or splits differ.",
            "Fuse models of one project; what may differ is how they learn.",
        )


def fit_classics(names: Sequence[str], examples: Examples, division: Division) -> Mapping[str, Classic]:
    """Return classic recommenders by name; raises RequestError for those that cannot take part, with the reason."""
    found: dict[str, Classic] = {}
    for name in names:
        if name not in CLASSICS:
            raise RequestError(f"There is no classic member '{name}'; known: {', '.join(CLASSICS)}.", "Use these.")
        method = BASELINES.get(name)()
        if not method.applies(examples, division):
            raise RequestError(f"{refusal(method, examples, division)}.", "Leave it out of --members.")
        found[name] = method.fitted(examples, division)  # type: ignore[attr-defined]
    return found


def kept_parts(folder: Folder) -> list[str]:
    """Return what a fusion keeps of a model: what answers; no states of users, no results, no report."""
    gone = ("state/", "evaluation/", layout.REPORT)
    return [name for name in folder.names() if not name.startswith(gone)]
