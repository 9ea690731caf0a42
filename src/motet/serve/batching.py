"""Work for the model: a bounded queue, a few threads, and lists that wait together are made together."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from motet.serve.failures import too_busy


@dataclass
class _Job:
    """One request: a question to be answered with others, or work to be done alone. until: when it is too late."""

    until: float
    question: Any = None
    work: Callable[[], Any] | None = None
    done: Future[Any] = field(default_factory=Future)


class Batcher:
    """Answers questions in threads of its own.

    answer: questions → one answer each, in order. threads: how many answer at once. together: how many questions are
    answered in one call. waiting: how many jobs may wait; one more is told to come back. seconds: how long a job may
    wait. note: told how many were answered together.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Any]], Sequence[Any]],
        *,
        threads: int,
        together: int,
        waiting: int,
        seconds: float,
        note: Callable[[int], None] = lambda size: None,
    ) -> None:
        self._answer, self._together, self._most, self._seconds, self._note = answer, together, waiting, seconds, note
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._run, name=f"motet-model-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def __len__(self) -> int:
        return len(self._jobs)

    def ask(self, question: Any) -> Future[Any]:
        """Return the promise of a question's answer. Raises where too many wait."""
        return self._enqueue(_Job(time.monotonic() + self._seconds, question=question))

    def do(self, work: Callable[[], Any]) -> Future[Any]:
        """Return the promise of what `work` returns."""
        return self._enqueue(_Job(time.monotonic() + self._seconds, work=work))

    def close(self) -> None:
        """Finish what waits, and stop."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _enqueue(self, job: _Job) -> Future[Any]:
        with self._changed:
            if self._closed or len(self._jobs) >= self._most:
                raise too_busy("Too many requests wait for the model.")
            self._jobs.append(job)
            self._changed.notify()
        return job.done

    def _run(self) -> None:
        while group := self._next():
            group = [job for job in group if self._may_begin(job)]
            if group:
                self._do(group)
            del group

    def _next(self) -> list[_Job]:
        """The next job, or all questions in a row; nothing at the end."""
        with self._changed:
            while not self._jobs and not self._closed:
                self._changed.wait()
            if not self._jobs:
                return []
            group = [self._jobs.popleft()]
            while group[0].work is None and self._jobs and self._jobs[0].work is None and len(group) < self._together:
                group.append(self._jobs.popleft())
            return group

    def _may_begin(self, job: _Job) -> bool:
        if not job.done.set_running_or_notify_cancel():
            return False
        if time.monotonic() > job.until:
            job.done.set_exception(too_busy("This request waited too long for the model."))
            return False
        return True

    def _do(self, group: list[_Job]) -> None:
        try:
            work = group[0].work
            answers = [work()] if work is not None else self._answer([job.question for job in group])
        except Exception as error:
            if len(group) == 1:
                group[0].done.set_exception(error)
                return
            for job in group:  # one of them is at fault: the others shall not suffer for it
                self._do([job])
            return
        self._note(len(group))
        for job, answer in zip(group, answers, strict=True):
            job.done.set_result(answer)
