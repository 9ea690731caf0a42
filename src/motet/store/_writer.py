"""One thread writes. Appends that wait together are committed together, and nobody hears "saved" before the commit."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from motet.errors import StoreError
from motet.store.checks import Prepared
from motet.store.failures import StoreBusyError, StoreDamagedError, StoreFullError
from motet.store.records import Receipt

Append = Callable[[Sequence[Prepared]], list[Receipt]]
"""Writes events in one transaction, and returns after its commit."""

MOST_TOGETHER = 5_000


@dataclass
class _Job:
    """Either events to append, or anything else to do alone."""

    events: Sequence[Prepared] = ()
    work: Callable[[], Any] | None = None
    done: Future[Any] = field(default_factory=Future)


class GroupWriter:
    """Does jobs in the order in which they came, each once, in a thread of its own.

    append: writes many events durably. waiting: how many events may wait before StoreBusyError.
    """

    def __init__(self, append: Append, waiting: int) -> None:
        self._append = append
        self._most_waiting = waiting
        self._waiting = 0
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="motet-store-writer", daemon=True)
        self._thread.start()

    def append(self, events: Sequence[Prepared]) -> Future[list[Receipt]]:
        """Return the promise of receipts; it is kept after the commit."""
        return self._enqueue(_Job(events=events))

    def alone(self, work: Callable[[], Any]) -> Future[Any]:
        """Return the promise of what `work` gives, done after everything that came before."""
        return self._enqueue(_Job(work=work))

    def close(self) -> None:
        """Finish what waits, and stop."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _enqueue(self, job: _Job) -> Future[Any]:
        with self._changed:
            if self._closed:
                raise StoreError("The store is closed.", "Open it again.")
            size = max(1, len(job.events))
            if self._waiting and self._waiting + size > self._most_waiting:
                told = f"{self._waiting:,} events wait to be written already. Nothing of this call was saved."
                raise StoreBusyError(told, "Try again in a moment.")
            self._waiting += size
            self._jobs.append(job)
            self._changed.notify()
        return job.done

    def _run(self) -> None:
        while (group := self._next()) is not None:
            group = [job for job in group if job.done.set_running_or_notify_cancel()]
            if group:
                self._do(group)

    def _next(self) -> list[_Job] | None:
        """Return the next job, or all appends that wait in a row; None at the end."""
        with self._changed:
            while not self._jobs and not self._closed:
                self._changed.wait()
            if not self._jobs:
                return None
            group = [self._jobs.popleft()]
            together = len(group[0].events)
            while group[0].work is None and self._jobs and self._jobs[0].work is None:
                together += len(self._jobs[0].events)
                if together > MOST_TOGETHER:
                    break
                group.append(self._jobs.popleft())
            self._waiting -= sum(max(1, len(job.events)) for job in group)
            return group

    def _do(self, group: list[_Job]) -> None:
        try:
            results = self._results(group)
        except BaseException as error:  # whatever it was, those who wait have to hear of it
            if len(group) > 1 and not isinstance(error, StoreBusyError | StoreFullError | StoreDamagedError):
                for job in group:  # one of them may be at fault: the others shall not suffer for it
                    self._do([job])
                return
            for job in group:
                job.done.set_exception(error)
            return
        for job, result in zip(group, results, strict=True):
            job.done.set_result(result)

    def _results(self, group: list[_Job]) -> list[Any]:
        if group[0].work is not None:
            return [group[0].work()]
        receipts = self._append([event for job in group for event in job.events])
        ends, results = 0, []
        for job in group:
            results.append(receipts[ends : ends + len(job.events)])
            ends += len(job.events)
        return results
