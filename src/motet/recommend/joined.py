"""The runtime of catalogues of several kinds: each model answers for its own items, and one list holds them all.

p(item) = p(type) · p(item | type). The second is the model's calibrated probability within its own catalogue; the first
is how often the user's events are of that type, drawn towards the share of all users' events while little is known.
Every model reads texts in its own way, so that the vector of a text has a block for each of them; a block of zeros is a
text that this model has not seen.

B = users, n = questions or candidates, I = items of all catalogues, M = models, whose items lie one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.artifact import Folder, layout
from motet.errors import ArtifactError, RequestError
from motet.recommend.blend import as_probability, ranking_task
from motet.recommend.calibrated import NONE, Calibration
from motet.recommend.fused import member_folder
from motet.recommend.port import Asked, History, Prediction, Scorer, TaskView
from motet.recommend.shares import Shares

JOINED = "joined"
"""JSON: the members, how many items each has, the columns that its histories have, and the shares of the types."""
TYPE = "catalogue"
"""The column of the joint catalogue that names the model an item is from: its content type, for quotas and filters."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Kind:
    """A member. columns, profile: of events and users, as the model was trained on them. text: width of the vectors
    that it has of events' texts, 0 for none.
    """

    name: str
    scorer: Scorer
    items: int
    columns: tuple[str, ...] = ()
    profile: tuple[str, ...] = ()
    text: int = 0


@dataclass(frozen=True)
class JoinedStates:
    """What the users are to each member, and how many of their events are of each type, (B, M)."""

    states: tuple[Any, ...]
    count_BM: NDArray[np.int64]


class JoinedRuntime:
    """Opens a folder of several catalogues; named by the manifest's runtime `joined`."""

    @staticmethod
    def open(folder: Folder, *, device: str = "auto") -> JoinedScorer:
        """Return the scorer of a verified folder."""
        from motet.recommend.runtime import open_scorer

        told = folder.json(JOINED)
        try:
            kinds = [
                Kind(
                    str(each["name"]),
                    open_scorer(member_folder(folder, each["part"]), device=device),
                    int(each["items"]),
                    tuple(each["columns"]),
                    tuple(each["profile"]),
                    int(each["text"]),
                )
                for each in told["members"]
            ]
            shares = Shares.from_json(told["shares"])
        except (KeyError, TypeError) as error:
            raise ArtifactError(f"The members of the folder cannot be read: {error}.", "Fuse anew.") from None
        if len(shares.share_M) != len(kinds) or sum(each.items for each in kinds) != folder.frame(layout.ITEMS).height:
            raise ArtifactError("The members do not fit the catalogue.", "Fuse anew.")
        return JoinedScorer(kinds, shares)


class JoinedScorer:
    """Answers the questions of recommend.port.Scorer. Tasks are those that every member can rank items by."""

    def __init__(self, kinds: Sequence[Kind], shares: Shares) -> None:
        self._kinds, self._shares = tuple(kinds), shares
        self._starts = np.cumsum([0, *(each.items for each in kinds)])
        self._blocks = np.cumsum([0, *(each.text for each in kinds)])
        self.tasks: Mapping[str, TaskView] = listed_tasks([each.scorer.tasks for each in kinds])
        self._ranking = ranking_task(self.tasks)
        self.calibration: Mapping[str, Calibration] = {}
        self.item_vectors = self._vectors()

    def states(self, histories: Sequence[History]) -> JoinedStates:
        """Return what the users are to every member: each sees the events with its own items."""
        count_BM = np.stack([self._counts(each.item_L) for each in histories])
        own = [kind.scorer.states([self._of(each, at) for each in histories]) for at, kind in enumerate(self._kinds)]
        return JoinedStates(tuple(own), count_BM)

    def next_item_scores(self, states: JoinedStates) -> Floats:
        """Return log-probabilities (B, I); each row's exponentials sum to 1."""
        log_BM = np.log(self._shares.of(states.count_BM)).astype(np.float32)
        found = [
            kind.scorer.next_item_scores(own) + log_BM[:, at : at + 1]
            for at, (kind, own) in enumerate(zip(self._kinds, states.states, strict=True))
        ]
        return np.concatenate(found, axis=1)

    def query_scores(self, texts: Sequence[str]) -> Floats:
        """Return log-probabilities (B, I) that an item answers the text, the types in the shares of all events."""
        log_M = np.log(self._shares.share_M).astype(np.float32)
        found = [kind.scorer.query_scores(texts) + log for kind, log in zip(self._kinds, log_M, strict=True)]
        return np.concatenate(found, axis=1)

    def task_scores(self, task: str, states: JoinedStates, items_Bn: NDArray[np.int32]) -> Floats:
        """Return calibrated probabilities (B, n): each item's by its own member; of ratings, of being high."""
        found = np.zeros(items_Bn.shape, np.float32)
        for at, (kind, own) in enumerate(zip(self._kinds, states.states, strict=True)):
            low, high = self._starts[at], self._starts[at + 1]
            inside = (items_Bn >= low) & (items_Bn < high)
            if inside.any():
                asked = np.where(inside, items_Bn - low, 0).astype(np.int32)
                found[inside] = self._promised(kind, task, own, asked)[inside]
        return found

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return text vectors as histories hold them."""
        blocks = [kind.scorer.encode(texts) for kind in self._kinds if kind.text]
        return np.concatenate(blocks, axis=1) if blocks else np.zeros((len(texts), 0), np.float32)

    def with_items(self, places_n: NDArray[np.int32], frame: pl.DataFrame) -> JoinedScorer:
        """Refuse: which of the models a new item belongs to is not known."""
        raise RequestError(
            "A folder of several catalogues takes no items.", "Put them into the folder of their type, and fuse anew."
        )

    def predict(self, task: str, asked: Asked) -> list[Prediction]:
        """Return n answers, each by the member that knows the item."""
        assert asked.histories is not None and asked.items_n is not None, "only tasks about a user and an item are here"
        found: list[Prediction] = []
        for n, number in enumerate(asked.items_n.tolist()):
            if number < 0:
                raise RequestError("Of an item that is not in the catalogue, the type is not known.", "Name an item.")
            at = int(np.searchsorted(self._starts, number, side="right")) - 1
            one = replace(
                asked,
                n=1,
                histories=[self._of(asked.histories[n], at)],
                items_n=np.array([number - self._starts[at]], np.int32),
                frame=None if asked.frame is None else asked.frame[n : n + 1],
                texts=None if asked.texts is None else [asked.texts[n]],
            )
            found += self._kinds[at].scorer.predict(task, one)
        return found

    def embed(self, asked: Asked) -> Floats:
        """Refuse: the models have no space in common."""
        raise RequestError("Models of several catalogues have no space in common.", "Ask the folder of one type.")

    def _of(self, history: History, at: int) -> History:
        """A history as one member knows it: the events with its items, and those without an item that it can read."""
        kind, low = self._kinds[at], self._starts[at]
        own_L = (history.item_L >= low) & (history.item_L < self._starts[at + 1])
        text_LD = None
        spoken_L = np.zeros(len(history), np.bool_)
        if history.text_LD is not None and kind.text:
            text_LD = history.text_LD[:, self._blocks[at] : self._blocks[at + 1]]
            spoken_L = (history.item_L < 0) & text_LD.any(axis=1)
        kept = np.flatnonzero(own_L | spoken_L)
        item_L = np.where(own_L, history.item_L - low, -1)[kept].astype(np.int32)
        return History(
            item_L=item_L,
            columns=_columns(history.columns, kind.columns, len(history))[kept] if kind.columns else pl.DataFrame(),
            time_L=None if history.time_L is None else history.time_L[kept],
            now=history.now,
            text_LD=None if text_LD is None else text_LD[kept],
            profile=_columns(history.profile, kind.profile, history.profile.height) if kind.profile else pl.DataFrame(),
        )

    def _counts(self, item_L: NDArray[np.int32]) -> NDArray[np.int64]:
        known = item_L[(item_L >= 0) & (item_L < self._starts[-1])]
        place = np.searchsorted(self._starts, known, side="right") - 1
        return np.bincount(place, minlength=len(self._kinds)).astype(np.int64)

    def _promised(self, kind: Kind, task: str, states: Any, items_Bn: NDArray[np.int32]) -> Floats:
        view = kind.scorer.tasks[task]
        p_Bn = as_probability(view, kind.scorer.task_scores(task, states, items_Bn))
        known: Mapping[str, Calibration] = getattr(kind.scorer, "calibration", {})
        found = known.get(task, NONE).probability(p_Bn) if view.output == "ordinal" else p_Bn
        return np.asarray(found, np.float32)

    def _vectors(self) -> Floats:
        """Unit vectors of all items; items of different members have nothing in common, so their cosine is 0."""
        own = [kind.scorer.item_vectors for kind in self._kinds]
        if any(len(each) != kind.items for each, kind in zip(own, self._kinds, strict=True)):
            return np.zeros((0, 0), np.float32)
        found = np.zeros((self._starts[-1], sum(each.shape[1] for each in own)), np.float32)
        left = 0
        for at, each in enumerate(own):
            found[self._starts[at] : self._starts[at + 1], left : left + each.shape[1]] = each
            left += each.shape[1]
        return found


def listed_tasks(members: Sequence[Mapping[str, TaskView]]) -> dict[str, TaskView]:
    """Return the tasks by which every member can rank its items, as the joint folder knows them.

    A rating takes part as the probability of being high, so that levels and thresholds may differ from type to type.
    """
    first, *others = members
    found = {}
    for name, view in first.items():
        views = [view, *(each[name] for each in others if name in each)]
        ranked = [each.output == "ranking" for each in views]
        if len(views) < len(members) or not all(each.ranks_items for each in views) or len(set(ranked)) > 1:
            continue
        repeats = "mask" if all(each.repeats == "mask" for each in views) else "allow"
        found[name] = replace(view, repeats=repeats) if ranked[0] else _as_probability(view)
    rankings = [name for name, view in found.items() if view.output == "ranking"]
    for name in rankings[1:]:  # scorers tell of one ranking, the first
        del found[name]
    return found


def _as_probability(view: TaskView) -> TaskView:
    return replace(view, output="binary", levels=(), threshold=None, spread=None)


def _columns(frame: pl.DataFrame, names: Sequence[str], height: int) -> pl.DataFrame:
    """These columns of a frame, null where it has none."""
    nothing = pl.Series([None] * height, dtype=pl.Null)
    return pl.DataFrame({name: frame[name] if name in frame.columns else nothing.alias(name) for name in names})
