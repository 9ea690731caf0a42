"""What recommending asks of a model: the words of that conversation, and the `Scorer` that answers.

B = users asked about, L = events of a history, I = items of the catalogue, n = items or questions, W = width of an
item vector, D = width of a text vector, C = levels, classes or tags of a task.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True)
class TaskView:
    """What recommending may know of a task.

    kind, output, sources: as in the room `tasks` (output: ranking, binary, ordinal, class, tags, number).
    table: the table of its rows. user, item, other: that table's key columns, where it has them.
    texts: its text columns.
    classes: names of classes or tags. levels: values of an ordinal label, rising.
    threshold: for a rating, the value that counts as high (the 75th percentile of its training labels).
    spread: for a rating that is answered as one number, the standard deviation of its error.
    repeats: for a ranking, `mask` takes items of the history off the list, `allow` lets them return.
    """

    kind: str
    output: str
    sources: tuple[str, ...]
    table: str = "events"
    user: str | None = None
    item: str | None = None
    texts: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    levels: tuple[float, ...] = ()
    threshold: float | None = None
    spread: float | None = None
    repeats: str = "mask"
    other: str | None = None

    @property
    def ranks_items(self) -> bool:
        """Whether the task can take part in a list: it says how well an item suits a user, whatever else is known.

        A task that reads what was written about an item, or other columns of the row, cannot be asked before that.
        """
        if self.output == "ranking":
            return True
        if set(self.sources) != {"history", "item"}:
            return False
        return self.output == "binary" or (self.output in ("ordinal", "number") and self.threshold is not None)


def _no_items() -> NDArray[np.int32]:
    return np.zeros(0, np.int32)


@dataclass(frozen=True)
class History:
    """What a user did, oldest first, and who the user is.

    item_L: int32 index into the catalogue, -1 for an event without an item, or with an unknown one.
    columns: the events' declared columns under their own names (behaviour, rating, …), L rows, unencoded, null where
    unknown; a frame without columns where the events have none.
    time_L: int64 in the events' unit, or None. now: the moment of the question in that unit, or None.
    text_LD: float32, zeros where there is no text, or None.
    profile: one row of the users table's columns, or a frame without rows where nothing is known.
    had_n: further items that the user had, before the events that are told here: they count for what is masked only.
    """

    item_L: NDArray[np.int32]
    columns: pl.DataFrame = field(default_factory=pl.DataFrame)
    time_L: NDArray[np.int64] | None = None
    now: int | None = None
    text_LD: NDArray[np.float32] | None = None
    profile: pl.DataFrame = field(default_factory=pl.DataFrame)
    had_n: NDArray[np.int32] = field(default_factory=_no_items)

    def __len__(self) -> int:
        return len(self.item_L)

    @property
    def has_profile(self) -> bool:
        """Whether anything is known of who the user is."""
        return self.profile.height > 0 and any(value is not None for value in self.profile.row(0))

    @property
    def tells_something(self) -> bool:
        """Whether any event has an item or a text."""
        return bool((self.item_L >= 0).any()) or (self.text_LD is not None and bool(self.text_LD.any()))


@dataclass(frozen=True)
class Asked:
    """n questions to one task. Only what the task's sources name is given.

    histories: n of them; others: n of the second users. pairs: both users' ids.
    items_n: int32 index into the catalogue, -1 for an item that `frame` describes instead.
    frame: n rows with (some of) the table's declared columns. texts: n texts, for a task that reads one text.
    """

    n: int
    histories: Sequence[History] | None = None
    items_n: NDArray[np.int32] | None = None
    frame: pl.DataFrame | None = None
    texts: Sequence[str] | None = None
    others: Sequence[History] | None = None
    pairs: Sequence[tuple[str, str]] | None = None


@dataclass(frozen=True)
class Prediction:
    """One answer. class: label and probability. tags: the likeliest tag. binary: probability.

    number and rating: value, the mean in the label's own unit, and the ends of the interval around it, where the model
    has learned how far truths lie from its answers.
    """

    label: str | None = None
    probability: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return label, probability and value, None where missing or not finite; low and high where they are known."""
        finite = {
            "probability": self.probability if _finite(self.probability) else None,
            "value": self.value if _finite(self.value) else None,
        }
        ends = {"low": self.low, "high": self.high} if _finite(self.low) and _finite(self.high) else {}
        return {"label": self.label, **finite, **ends}


@dataclass(frozen=True)
class Wanted:
    """What a list needs of a ranking: the best `num` of the items that may be shown."""

    allowed_I: NDArray[np.bool_]
    num: int


@dataclass(frozen=True)
class Leads:
    """At least the best of the items that may be shown, by their numbers, rising, and their log-probabilities."""

    items_n: NDArray[np.int32]
    log_n: NDArray[np.float32]


@dataclass(frozen=True)
class Retrieval:
    """How candidates are found among so many items.

    kind: `whole` scores every item in full, `exact` preselects and finds the same, `index` finds most of them. recall:
    share of the true first hundred that the index found when it was built; seconds: that took. reason: why there is no
    index where one is wanted.
    """

    kind: Literal["whole", "exact", "index"]
    items: int
    recall: float | None = None
    seconds: float = 0.0
    reason: str = ""


@runtime_checkable
class Leading(Protocol):
    """A scorer that finds the best items of a large catalogue without telling the score of every other."""

    def leading(self, states: Any, wanted: Sequence[Wanted | None]) -> list[Leads | None]:
        """Return one answer per user; None where nothing was wanted, or where all scores are to be asked for."""
        ...

    def prepare(self, users: Callable[[], Sequence[History]]) -> Retrieval:
        """Make an index where the catalogue is large enough, and measure it on users, who are then asked for; say how
        lists are made.
        """
        ...

    @property
    def stale(self) -> bool:
        """Whether so many items were put since that it should be prepared anew."""
        ...


class Scorer(Protocol):
    """A loaded model that answers for lists and predictions. Plain attributes do for the properties."""

    @property
    def tasks(self) -> Mapping[str, TaskView]:
        """Task name → view of the task, in the project's order."""
        ...

    @property
    def item_vectors(self) -> NDArray[np.float32]:
        """Float32 (I, W), unit length; similar items have a large inner product. (0, 0) where there are none."""
        ...

    def states(self, histories: Sequence[History]) -> Any:
        """Return the B users' states, which only the scorer understands. A history may be empty."""
        ...

    def next_item_scores(self, states: Any) -> NDArray[np.float32]:
        """Return float32 (B, I): log-probabilities that an item comes next; each row's exponentials sum to 1."""
        ...

    def query_scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (B, I): log-probabilities that an item answers the text; each row's exponentials sum to 1."""
        ...

    def task_scores(self, task: str, states: Any, items_Bn: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return answers of a history+item task about n items per user, calibrated where they are yes or no.

        items_Bn: int32 indices into the catalogue, all valid.
        binary: (B, n) probabilities. ordinal: (B, n, C) probabilities of the levels. number: (B, n) expected values.
        """
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (n, D): text vectors as histories hold them."""
        ...

    def with_items(self, places_n: NDArray[np.int32], frame: pl.DataFrame) -> Scorer:
        """Return a scorer of a catalogue in which the frame's rows describe the items at these places.

        places_n: below I for an item that is known already, from I on, without a gap, for new ones. frame: n rows with
        (some of) the items table's columns. Raises RequestError for a model that knows items by their events only.
        """
        ...

    def predict(self, task: str, asked: Asked) -> Sequence[Prediction]:
        """Return n answers of any task that is not a ranking."""
        ...

    def embed(self, asked: Asked) -> NDArray[np.float32]:
        """Return float32 (n, S), unit length: users, items or texts as points of one space, by their cosines.

        asked: histories, items_n or texts, one of them. Raises RequestError where the model keeps no such space, or
        has no place in it for what was asked.
        """
        ...


def _finite(value: float | None) -> bool:
    return value is not None and bool(np.isfinite(value))
