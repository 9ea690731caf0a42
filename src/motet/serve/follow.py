"""Follow the store: items that were put, users who were forgotten, models that were activated, by any process."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from motet.errors import MotetError
from motet.serve.failures import log_bug

if TYPE_CHECKING:
    from motet.serve.service import Service

_log = logging.getLogger("motet.serve")


class Follower:
    """A thread that looks for changes. seconds: between two looks. fault: why it cannot, or an empty string."""

    def __init__(self, service: Service, seconds: float) -> None:
        self.fault = ""
        self._service, self._seconds = service, seconds
        self._seen = -1
        self._stones = service.store.head()
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._moved = threading.Condition()
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

    def reaches(self, seq: int, seconds: float) -> bool:
        """Return whether the model knows every change up to `seq`, after waiting for it."""
        self._wake.set()
        with self._moved:
            return self._moved.wait_for(lambda: self._seen >= seq, seconds)

    def look(self) -> None:
        """Take over what has changed since the last look."""
        service = self._service
        head = service.store.head()
        if head == self._seen:
            return
        try:
            service.bring_up_to_date()
        except MotetError as error:
            _log.error("items", extra={"fields": {"reason": error.message}})
            self._pass_over(head)
        except Exception as error:
            log_bug(error)
            self._pass_over(head)
        stones = service.store.forgotten_after(self._stones, limit=1_000)
        if stones:
            self._stones = stones[-1].seq
            service.later(service.reload_without_forgotten)
        active = service.store.active_model()
        if active is not None and active.version not in (service.running.version, service.refused):
            service.later(service.follow_active)
        service.metrics.behind.set(head)
        service.metrics.items.set(len(service.running.bundle.loaded.catalogue))
        with self._moved:
            self._seen = head
            self._moved.notify_all()

    def _pass_over(self, head: int) -> None:
        """Go on without items that the model cannot take."""
        self._service.running = replace(self._service.running, items_seq=head)

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
