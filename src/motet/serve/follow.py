"""Follow the store: items that were put, users who were forgotten, models that were activated, by any process."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong
from typing import TYPE_CHECKING

from motet.errors import MotetError, StoreError
from motet.serve.failures import log_bug

if TYPE_CHECKING:
    from motet.serve.service import Service


class Follower:
    """A thread that looks for changes. seconds: between two looks. fault: why it cannot, or an empty string."""

    def __init__(self, service: Service, seconds: float) -> None:
        self.fault = ""
        self._service, self._seconds = service, seconds
        self._seen = -1
        self._stones = service.store.head()
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._waiting: list[tuple[int, Future[bool]]] = []
        self._noting = threading.Lock()
        self._undone: deque[Callable[[], None]] = deque()
        self._thread = threading.Thread(target=self._run, name="motet-follow", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for it."""
        self._stopped.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._noting:
            waiting, self._waiting = self._waiting, []
        for _, promise in waiting:
            promise.cancel()

    def reaching(self, seq: int) -> Future[bool]:
        """Return the promise that the model knows every change up to `seq`; kept with True as soon as it does."""
        promise: Future[bool] = Future()
        with self._noting:
            if self._seen >= seq:
                promise.set_result(True)
            else:
                self._waiting.append((seq, promise))
        self._wake.set()
        return promise

    def give_up(self, promise: Future[bool]) -> None:
        """Wait no longer for what `reaching` promised."""
        promise.cancel()
        with self._noting:
            self._waiting = [(seq, each) for seq, each in self._waiting if each is not promise]

    def reaches(self, seq: int, seconds: float) -> bool:
        """Return whether the model knows every change up to `seq`, after waiting for it."""
        promise = self.reaching(seq)
        try:
            return promise.result(seconds)
        except TooLong:
            self.give_up(promise)
            return False

    def look(self) -> None:
        """Take over what has changed since the last look. Raises StoreError where the store fails under it: then
        nothing counts as seen, and the next look takes over what this one did not.
        """
        service = self._service
        head = service.store.head()
        if head == self._seen and not self._undone:
            return
        service.bring_up_to_date()
        for _ in range(len(self._undone)):
            self._care(self._undone.popleft())
        stones = service.store.forgotten_after(self._stones, limit=1_000)
        if stones:
            self._stones = stones[-1].seq
            self._care(service.reload_without_forgotten)
        self._follow_active()
        service.metrics.behind.set(head)
        service.metrics.items.set(len(service.running.bundle.loaded.catalogue))
        self._note(head)

    def _follow_active(self) -> None:
        service = self._service
        active = service.store.active_model()
        if active is not None and active.version == service.running.version:
            service.refused = ""
        elif active is not None:
            self._care(service.follow_active)

    def _care(self, work: Callable[[], None]) -> None:
        """Let work change the model; where the store fails under it, it is done again at the next look."""

        def tried() -> None:
            try:
                work()
            except StoreError:
                if work not in self._undone:
                    self._undone.append(work)
                raise

        self._service.later(tried)

    def _note(self, head: int) -> None:
        """Write down how far the model knows what was changed, and tell those who wait for it."""
        with self._noting:
            self._seen = head
            kept = [promise for seq, promise in self._waiting if seq <= head]
            self._waiting = [(seq, promise) for seq, promise in self._waiting if seq > head]
        for promise in kept:
            if promise.set_running_or_notify_cancel():
                promise.set_result(True)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.look()
                self.fault = ""
            except MotetError as error:
                self.fault = error.message
            except Exception as error:
                self.fault = "The store cannot be followed."
                log_bug(error)
            self._wake.wait(self._seconds)
            self._wake.clear()
