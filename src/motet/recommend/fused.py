"""The runtime of a fusion: one scorer that asks its members, and weighs what they say.

A fused folder holds its members whole under `members/`, without users' states: these stand once, in the folder itself,
so that one `forget` erases a user everywhere. Classic members are arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.artifact import Folder, layout
from motet.artifact.manifest import Manifest
from motet.errors import ArtifactError
from motet.recommend.asking_again import AskingAgain
from motet.recommend.blend import ranking_task
from motet.recommend.calibrated import NONE, Calibration
from motet.recommend.chained import bounded, chain_of, links
from motet.recommend.classic import Classic, from_arrays
from motet.recommend.fusion import AnswerMix, RankingMix
from motet.recommend.insight import Attributing
from motet.recommend.port import Asked, History, Prediction, Scorer, TaskView
from motet.recommend.predicted import prediction

FUSED, MEMBERS = "fused", "members"
"""JSON that says who the members are and how they are weighed, and the folder of what they know."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class MemberFolder(Folder):
    """A model folder inside a fused one; what it needs of users' states is read from the fused folder."""

    root: Folder = field(kw_only=True)

    def has(self, name: str) -> bool:
        """Return whether there is a part of this name."""
        return super().has(name) or (name.startswith("state/") and self.root.has(name))

    def data(self, name: str) -> bytes:
        """Return a part's bytes, verified."""
        if name.startswith("state/") and name not in self.manifest.parts:
            return self.root.data(name)
        return super().data(name)


def member_folder(root: Folder, place: str) -> MemberFolder:
    """Return the model folder that stands at `place` in a fused one."""
    own = Manifest.from_bytes(root.data(f"{place}/{layout.MANIFEST}"))
    inside = {name.removeprefix(f"{place}/"): info for name, info in root.manifest.parts.items() if _in(name, place)}
    inside.pop(layout.MANIFEST)
    data_root = root.manifest.data_root or own.data_root
    return MemberFolder(root.path / place, own.model_copy(update={"parts": inside, "data_root": data_root}), root=root)


@dataclass(frozen=True)
class FusedStates:
    """What the users are to each member that is a model; their items, oldest first."""

    states: tuple[Any, ...]
    had: tuple[NDArray[np.int64], ...]


class FusedRuntime:
    """Opens a fused folder; named by the manifest's runtime `fused`."""

    @staticmethod
    def open(folder: Folder, *, device: str = "auto") -> FusedScorer:
        """Return the scorer of a verified folder."""
        from motet.recommend.runtime import open_scorer

        told = folder.json(FUSED)
        num_items = folder.frame(layout.ITEMS).height if folder.has(layout.ITEMS) else 0
        models: dict[str, Scorer] = {}
        classics: dict[str, Classic] = {}
        try:
            for name, each in told["members"].items():
                if each["kind"] == "model":
                    models[name] = open_scorer(member_folder(folder, each["part"]), device=device)
                else:
                    classics[name] = from_arrays(each["kind"], folder.arrays(each["part"]), num_items)
            tasks = {name: FusedTask.from_json(each) for name, each in told["tasks"].items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise ArtifactError(f"The members of the fusion cannot be read: {error}.", "Fuse anew.") from None
        if any(member not in {**models, **classics} for task in tasks.values() for member in task.members):
            raise ArtifactError("A task of the fusion names a member that is not there.", "Fuse anew.")
        return FusedScorer(models, classics, tasks, num_items, chain=chain_of(folder))


@dataclass(frozen=True)
class FusedTask:
    """Whom a task asks, how they are weighed, and the map of the result."""

    members: tuple[str, ...]
    mix: RankingMix | AnswerMix
    calibration: Calibration = NONE

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        kind = "ranking" if isinstance(self.mix, RankingMix) else "answer"
        told = {"members": list(self.members), "kind": kind, "mix": self.mix.to_json()}
        return {**told, "calibration": self.calibration.to_json()}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> FusedTask:
        """Return what `to_json` wrote."""
        kind = RankingMix if told["kind"] == "ranking" else AnswerMix
        mix: RankingMix | AnswerMix = kind.from_json(told["mix"])
        count = len(mix.spreads) if isinstance(mix, RankingMix) else len(mix.weight_M)
        if count != len(told["members"]):
            raise ArtifactError(f"{count} weights for {len(told['members'])} members.", "Fuse anew.")
        return cls(tuple(told["members"]), mix, Calibration.from_json(told["calibration"]))


class FusedScorer(AskingAgain):
    """Answers the questions of recommend.port.Scorer by asking members. The first model reads texts and has vectors."""

    def __init__(
        self,
        models: Mapping[str, Scorer],
        classics: Mapping[str, Classic],
        fused: Mapping[str, FusedTask],
        num_items: int,
        *,
        chain: Sequence[str] = (),
    ) -> None:
        if not models:
            raise ArtifactError("A fusion needs a model among its members.", "Fuse anew.")
        self._models, self._classics, self._fused, self._num_items = models, classics, fused, num_items
        self._chain, self._first = chain, next(iter(models.values()))
        self.tasks: Mapping[str, TaskView] = {
            name: next(model.tasks[name] for model in models.values() if name in model.tasks) for name in fused
        }
        self._ranking = ranking_task(self.tasks)

    @property
    def item_vectors(self) -> Floats:
        """The first model's unit vectors."""
        return self._first.item_vectors

    @property
    def calibration(self) -> Mapping[str, Calibration]:
        """Task → its map from promises to what comes."""
        return {name: each.calibration for name, each in self._fused.items()}

    def states(self, histories: Sequence[History]) -> FusedStates:
        """Return what the users are to every model."""
        had = tuple(each.item_L[each.item_L >= 0].astype(np.int64) for each in histories)
        return FusedStates(tuple(model.states(histories) for model in self._models.values()), had)

    def next_item_scores(self, states: FusedStates) -> Floats:
        """Return log-probabilities (B, I)."""
        assert self._ranking is not None, "asked of fusions that rank"
        task = self._fused[self._ranking]
        assert isinstance(task.mix, RankingMix), "a ranking is mixed as one"
        of_model = dict(zip(self._models, states.states, strict=True))
        known = [each[each < self._num_items] for each in states.had]
        raw = []
        for name in task.members:
            if name in self._models:
                raw.append(self._models[name].next_item_scores(of_model[name]))
            else:
                raw.append(self._classics[name].scores(known))
        width = max(each.shape[1] for each in raw)
        raw = [_widened(each, width) for each in raw]
        masks = self.tasks[self._ranking].repeats == "mask"
        length_B = np.array([len(each) for each in states.had], np.int64)
        return task.mix.log_probabilities(raw, length_B, list(states.had) if masks else None)

    def query_scores(self, texts: Sequence[str]) -> Floats:
        """Return the first model's log-probabilities (B, I)."""
        return self._first.query_scores(texts)

    def task_scores(self, task: str, states: FusedStates, items_Bn: NDArray[np.int32]) -> Floats:
        """Return mixed answers about n items per user."""
        names = links(self.tasks, self._chain, task)
        return bounded(names, lambda name: self._scores_alone(name, states, items_Bn))

    def _scores_alone(self, task: str, states: FusedStates, items_Bn: NDArray[np.int32]) -> Floats:
        fused, view = self._fused[task], self.tasks[task]
        assert isinstance(fused.mix, AnswerMix), "only rankings are mixed otherwise"
        of_model = dict(zip(self._models, states.states, strict=True))
        found = [self._models[name].task_scores(task, of_model[name], items_Bn) for name in fused.members]
        mixed = fused.mix.mixed(view.output, found)
        return fused.calibration.probability(mixed).astype(np.float32) if view.output == "binary" else mixed

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return text vectors as histories hold them."""
        return self._first.encode(texts)

    def with_items(self, places_n: NDArray[np.int32], frame: pl.DataFrame) -> FusedScorer:
        """Return a scorer of a catalogue with more items; classic members know nothing of new ones."""
        other = copy(self)
        other._models = {name: each.with_items(places_n, frame) for name, each in self._models.items()}
        other._first = next(iter(other._models.values()))
        return other

    def predict(self, task: str, asked: Asked) -> list[Prediction]:
        """Return n answers."""
        fused, view = self._fused[task], self.tasks[task]
        names = links(self.tasks, self._chain, task)
        if len(names) > 1:
            return [prediction(view, NONE, p) for p in bounded(names, lambda name: self._promised(name, asked))]
        return [prediction(view, fused.calibration, row) for row in self.answers(task, asked)]

    def _promised(self, task: str, asked: Asked) -> Floats:
        """A yes-or-no task's probabilities under its map."""
        return self._fused[task].calibration.probability(self.answers(task, asked)).astype(np.float32)

    def answers(self, task: str, asked: Asked) -> Floats:
        """Return the mixed answers before their map, as a model's `answers`."""
        fused, view = self._fused[task], self.tasks[task]
        assert isinstance(fused.mix, AnswerMix), "rankings answer with lists"
        found = [promised(self._models[name], view.output, task, asked) for name in fused.members]
        return fused.mix.mixed(view.output, found)

    def read_texts(self, task: str, asked: Asked) -> Sequence[str] | None:
        """Return the texts that a task reads of its questions, or None where it reads none."""
        return self._reader(task).read_texts(task, asked)

    def read_columns(self, task: str) -> tuple[str, ...]:
        """Return the plain columns that any member reads of a task's rows."""
        found = (name for member in self._fused[task].members for name in self._asked_again(member).read_columns(task))
        return tuple(dict.fromkeys(found))

    def read_words(self, text: str) -> list[tuple[int, int]]:
        """Return where the words of a text stand."""
        return self._asked_again(next(iter(self._models))).read_words(text)

    def _reader(self, task: str) -> Attributing:
        return self._asked_again(self._fused[task].members[0])

    def _asked_again(self, member: str) -> Attributing:
        model = self._models[member]
        assert isinstance(model, Attributing), "members are models with words and columns of their own"
        return model

    def embed(self, asked: Asked) -> Floats:
        """Return points of the first model's space."""
        return self._first.embed(asked)


def promised(model: Any, output: str, task: str, asked: Asked) -> Floats:
    """Return a model's answers under its map: of yes or no and of classes; others as they are."""
    raw, map = model.answers(task, asked), getattr(model, "calibration", {}).get(task, NONE)
    if output == "binary":
        return np.asarray(map.probability(raw), np.float32)
    return np.asarray(map.distribution(raw), np.float32) if output == "class" else raw


def _widened(raw_BI: Floats, width: int) -> Floats:
    """Scores with those of items that a member does not know: its lowest ones."""
    more = width - raw_BI.shape[1]
    if not more:
        return raw_BI
    lowest = raw_BI.min(axis=1, keepdims=True) if raw_BI.shape[1] else np.zeros((len(raw_BI), 1), np.float32)
    return np.concatenate([raw_BI, np.repeat(lowest, more, axis=1)], axis=1)


def _in(name: str, place: str) -> bool:
    return name.startswith(f"{place}/")
