"""Starts a service for a drill: python -m benchmarks.drills._launch SETTINGS [CONTROL]

A control breaks it on purpose, in the way that its name says; a drill that does not notice is none.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from motet.recommend.runtime import RUNTIMES
from motet.serve.run import Server, run
from motet.serve.service import Service
from motet.serve.settings import Settings

RUNTIMES["fixed"] = "tests.unit.serve.conftest:FixedRuntime"


def early() -> None:
    """Says "saved" at once, and commits a moment later."""
    from motet.store import Receipt
    from motet.store.sql import SqlStore

    commit = SqlStore.submit

    def submit(self: Any, events: Any) -> Future[Any]:
        promise: Future[Any] = Future()
        promise.set_result([Receipt(event.id, "saved", 0, 0) for event in events])
        threading.Timer(0.05, lambda: commit(self, events)).start()
        return promise

    SqlStore.submit = submit  # type: ignore[method-assign]


def lazy() -> None:
    """Lets PostgreSQL answer before its log is on disk."""
    from sqlalchemy import text

    from motet.store.backends.postgres import Postgres

    writing = Postgres.writing

    @contextmanager
    def hasty(self: Any) -> Any:
        with writing(self) as connection:
            connection.execute(text("SET LOCAL synchronous_commit TO off"))
            yield connection

    Postgres.writing = hasty  # type: ignore[method-assign]


def liar() -> None:
    """Says "saved" also where the store could not."""
    from motet.store import Receipt
    from motet.store.sql import SqlStore

    commit = SqlStore.submit

    def submit(self: Any, events: Any) -> Future[Any]:
        promise: Future[Any] = Future()
        saved = [Receipt(event.id, "saved", 0, 0) for event in events]
        commit(self, events).add_done_callback(
            lambda done: promise.set_result(saved if done.exception() else done.result())
        )
        return promise

    SqlStore.submit = submit  # type: ignore[method-assign]


def abrupt() -> None:
    """Dies of SIGTERM where it stands."""

    @contextmanager
    def nothing(self: Any) -> Any:
        yield

    Server.capture_signals = nothing  # type: ignore[method-assign]


def hoarder() -> None:
    """Keeps every model that ever answered, with some weight on it."""
    kept: list[Any] = []
    put = Service.put_in_place

    def put_in_place(self: Any, other: Any) -> None:
        kept.append((self.running, bytearray(b"x" * 25_000_000)))
        put(self, other)

    Service.put_in_place = put_in_place  # type: ignore[method-assign]


def leaky() -> None:
    """Keeps something of every list."""
    kept: list[Any] = []
    answer = Service._answer

    def leaking(self: Any, questions: Any) -> Any:
        kept.append(bytearray(b"x" * 50_000))
        return answer(self, questions)

    Service._answer = leaking  # type: ignore[method-assign]


def clumsy() -> None:
    """Stumbles over every list."""

    async def stumbling(self: Any, question: Any) -> Any:
        raise KeyError(question.k)

    Service.lists = stumbling  # type: ignore[method-assign]


def slow() -> None:
    """Needs twenty milliseconds for a list, as a larger model would; no control."""
    from tests.unit.serve.conftest import FixedScorer

    states = FixedScorer.states

    def sleeping(self: Any, histories: Any) -> Any:
        time.sleep(0.02 * len(histories))
        return states(self, histories)

    FixedScorer.states = sleeping  # type: ignore[method-assign]


WAYS: dict[str, Callable[[], None]] = {
    way.__name__: way for way in (early, lazy, liar, abrupt, hoarder, leaky, clumsy, slow)
}

if __name__ == "__main__":
    for name in sys.argv[2].split():
        WAYS[name]()
    run(Settings.from_json(sys.argv[1]))
