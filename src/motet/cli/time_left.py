"""How long a run may still take, judged by the epochs behind it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Arm = tuple[str, int]
"""(name, seed) of one model to be trained."""

SOONEST = 0.05
"""Epochs that must lie behind before anything is said."""

SOONEST_RATE = 1.0
"""Seconds of counting that must lie behind before a rate is told."""

UNKNOWN_SHARE = 0.5
"""An arm that was not trained yet is taken to need this share of the slowest known pace."""


@dataclass
class Rate:
    """How fast something is counted through; another thing, or a count that falls, begins anew."""

    clock: Callable[[], float] = time.monotonic
    _what: str = ""
    _first: int = 0
    _done: int = 0
    _since: float = 0.0

    def reach(self, what: str, done: int, total: int) -> tuple[float, float] | None:
        """So much is done; return how many a second, and the seconds left, or None while too little is known.

        What was done before the first call (found in a cache, for instance) counts neither way.
        """
        now = self.clock()
        if what != self._what or done < self._done:
            self._what, self._first, self._since = what, done, now
        self._done = done
        elapsed, counted = now - self._since, done - self._first
        if elapsed < SOONEST_RATE or counted <= 0:
            return None
        return counted / elapsed, max(0, total - done) * elapsed / counted


@dataclass
class TimeLeft:
    """Keeps the pace of every arm; early stopping makes what it says an upper bound.

    The joint model comes first, and its epoch does the work of every twin's: a twin that was not trained yet is taken
    to need half of it, which few need.
    """

    clock: Callable[[], float] = time.monotonic
    epochs: int = 0
    waiting: list[Arm] = field(default_factory=list)
    finished: int = 0
    arm: Arm | None = None
    _at: float = 0.0
    _from: float | None = None
    _since: float = 0.0
    _pace: dict[str, float] = field(default_factory=dict)

    def plan(self, arms: Sequence[Arm], epochs: int) -> None:
        """Take in the arms that will be trained, in order, and the most epochs of each."""
        self.waiting, self.epochs, self.finished, self.arm = list(arms), epochs, 0, None

    def begin(self, name: str, seed: int) -> None:
        """An arm begins, or goes on where it was interrupted."""
        self.arm, self._at, self._from, self._since = (name, seed), 0.0, None, self.clock()
        if self.arm in self.waiting:
            self.waiting.remove(self.arm)

    def reach(self, epochs: float, *, began_at: float = 0.0) -> None:
        """So many epochs of the arm are done. began_at: where it stood when it began, for the first call."""
        if self._from is None:
            self._from = began_at
        self._at = epochs
        if self.arm is not None and epochs - self._from >= SOONEST:
            self._pace[self.arm[0]] = (self.clock() - self._since) / (epochs - self._from)

    def end(self) -> None:
        """The arm is finished."""
        self.arm, self.finished = None, self.finished + 1

    @property
    def total(self) -> int:
        """Return how many arms there are in all."""
        return self.finished + len(self.waiting) + (self.arm is not None)

    @property
    def share(self) -> float:
        """Return how much of the run is done, from 0 to 1, counting all epochs that may come."""
        done = self.finished + (self._at / self.epochs if self.arm is not None and self.epochs else 0.0)
        return min(1.0, done / self.total) if self.total else 0.0

    def seconds(self) -> float | None:
        """Return the most seconds that the planned training may still take; None while nothing is known."""
        if not self._pace:
            return None
        unknown = UNKNOWN_SHARE * max(self._pace.values())
        left = sum(self.epochs * self._pace.get(name, unknown) for name, _ in self.waiting)
        if self.arm is not None:
            left += max(0.0, self.epochs - self._at) * self._pace.get(self.arm[0], unknown)
        return left
