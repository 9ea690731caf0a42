"""A question to a loaded model, checked at the door."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from motet.errors import RequestError

MAX_K = 1_000
MAX_WEIGHT = 1e6
MAX_VALUE = 1e9
MAX_EVENTS = 10_000
MAX_EXCLUDED = 100_000
MAX_QUERY = 10_000
MAX_CANDIDATES = 100_000

Seen = Literal["auto", "mask", "allow"]
"""Whether items of the history may return: as the model was trained, never, or always."""


@dataclass(frozen=True)
class Question:
    """For whom a list is wanted, and what it should be like.

    user: an id. history: events of this session, oldest first: item ids, or mappings with the keys `item`, `time`,
    `text` and the events' own columns; they follow the stored history of `user`. profile: column → value, instead of
    the stored one. query: a text the items should answer. now: the moment of the question, in the events' unit.
    k: length of the list, 1 to 1000. weights: task → weight; tasks not named keep their default.
    filters: column → value, values (any of them), or {"min": …, "max": …}. exclude: item ids to leave out. only: item
    ids to rank, and no others (default: the whole catalogue).
    explain: add reasons. diversity: 0 (off) to 1. seen: see above. candidates: how many items are rescored by the
    weighted tasks (default: the larger of 200 and 5 k). language: of the reasons, `en` or `zh`.
    values: task → what its coming true is worth, in place of weights: the score is then Σ value · p. popularity: 0
    (off) to 1, how much an item's share of all events counts against it. at: the moment by the clock for the project's
    rules, in ISO 8601 (default: `now` where events have such times, else now). types: how many items of each content
    type: {"column": …, "at_most": {type: quota}, "at_least": …}, a quota as in the project file's [blend.types]; {} for
    no quotas. Not given, it is as the project says.
    """

    user: str | None = None
    history: Sequence[str | Mapping[str, Any]] = ()
    profile: Mapping[str, Any] = field(default_factory=dict)
    query: str | None = None
    now: int | None = None
    k: int = 10
    weights: Mapping[str, float] = field(default_factory=dict)
    filters: Mapping[str, Any] = field(default_factory=dict)
    exclude: Sequence[str] = ()
    only: Sequence[str] | None = None
    explain: bool = False
    diversity: float = 0.0
    seen: Seen = "auto"
    candidates: int | None = None
    language: Literal["en", "zh"] | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    popularity: float | None = None
    at: str | datetime | None = None
    types: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        _check_number("k", self.k, 1, MAX_K, whole=True)
        _check_number("diversity", self.diversity, 0, 1)
        if self.candidates is not None:
            _check_number("candidates", self.candidates, 1, MAX_CANDIDATES, whole=True)
        for task, weight in self.weights.items():
            _check_number(f"the weight of '{task}'", weight, 0, MAX_WEIGHT)
        _check_length("history", self.history, MAX_EVENTS)
        _check_length("exclude", self.exclude, MAX_EXCLUDED)
        _check_length("only", self.only or (), MAX_CANDIDATES)
        _check_length("query", self.query or "", MAX_QUERY)
        if self.seen not in ("auto", "mask", "allow"):
            raise RequestError(f"seen is one of auto, mask, allow; found {self.seen!r}.", "Leave it out for auto.")
        if self.language not in (None, "en", "zh"):
            raise RequestError(f"Reasons are written in en or zh; found {self.language!r}.", "Choose one of them.")
        # Half of a surrogate pair has no UTF-8 form, and tokenisers stumble over it.
        text = (self.query or "").encode("utf-8", "replace").decode("utf-8").strip()
        object.__setattr__(self, "query", text or None)
        self._check_blend()
        if self.user is not None:
            object.__setattr__(self, "user", str(self.user))

    def _check_blend(self) -> None:
        for task, value in self.values.items():
            _check_number(f"the value of '{task}'", value, -MAX_VALUE, MAX_VALUE)
        if self.values and self.weights:
            raise RequestError("Found both weights and values.", "Give one of them.")
        if self.popularity is not None:
            _check_number("popularity", self.popularity, 0, 1)
        if isinstance(self.at, str):
            object.__setattr__(self, "at", _moment(self.at))


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise RequestError(f"'{text}' is no moment.", "Write it as 2026-03-01T18:30.") from None


def _check_number(name: str, value: Any, low: float, high: float, *, whole: bool = False) -> None:
    kinds = int if whole else (int, float)
    plain = value.item() if hasattr(value, "item") else value
    fits = isinstance(plain, kinds) and not isinstance(plain, bool) and math.isfinite(plain) and low <= plain <= high
    if not fits:
        word = "a whole number" if whole else "a number"
        raise RequestError(f"Expected {name} to be {word} from {low:g} to {high:g}, found {value!r}.", "Change it.")


def _check_length(name: str, value: Sequence[Any], most: int) -> None:
    if isinstance(value, str) and name != "query":
        raise RequestError(f"Expected {name} to be a list, found the text {value[:40]!r}.", "Put it in a list.")
    if len(value) > most:
        raise RequestError(f"{name} has {len(value)} entries; at most {most} are read.", "Shorten it.")
