"""Taking what was erased out of a database's files: soon, without standing in the way, and again until it is done."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection

from motet.errors import StoreError
from motet.store.backends import Backend
from motet.store.failures import NOTHING_SAVED, StoreBusyError, translated

PAUSE_SECONDS, AGAIN_SECONDS = 0.1, 30.0
"""Between two tries: while the caller waits, and after that."""
NOT_REWRITTEN = "Erased, but the store's files, which still hold the bytes, could not be written anew yet:"

_log = logging.getLogger("motet.store")


class Rewriter:
    """Writes the files of a backend anew, where somebody was erased from it.

    alone: does a step in its turn among the writes, and waits for it. note: writes down of which marks no byte is left.
    seconds: how long a caller waits. waiting: the marks of whom bytes may be left.
    """

    def __init__(
        self,
        backend: Backend,
        alone: Callable[[Callable[[], None]], None],
        note: Callable[[Collection[str]], None],
        seconds: float,
    ) -> None:
        self._backend, self._alone, self._note, self._seconds = backend, alone, note, seconds
        self.waiting: set[str] = set()
        self._stopped = threading.Event()
        self._later: threading.Thread | None = None

    def rewrite(self, seconds: float | None = None, *, any_bytes: bool = True) -> str:
        """Return why it could not be done within so many seconds, or an empty string; it is then tried again.

        any_bytes: False where nothing was held of those who wait. Each try is short: others read and write between
        two of them.
        """
        marks, until = set(self.waiting), time.monotonic() + (self._seconds if seconds is None else seconds)
        try:
            if any_bytes:
                with translated(self._backend.where):
                    since = self._backend.moment()
                self._until(lambda: self._backend.rewrite(since), until)
                self._until(self._backend.empty_log, until)
            self._note(marks)
        except StoreError as error:
            reason = f"{NOT_REWRITTEN} {error.message.removesuffix(NOTHING_SAVED).strip()}"
            _log.warning(reason)
            self._try_later()
            return reason
        self.waiting.difference_update(marks)
        return ""

    def close(self) -> None:
        """Try no more; the next start does."""
        self._stopped.set()

    def _until(self, step: Callable[[], None], until: float) -> None:
        """Try a step until those in its way are gone, or it is late."""

        def job() -> None:
            with translated(self._backend.where):
                step()

        while True:
            try:
                return self._alone(job)
            except StoreBusyError:
                if time.monotonic() > until:
                    raise
            if self._stopped.wait(PAUSE_SECONDS):
                raise StoreError("The store is being closed.", "Open it again.")

    def _try_later(self) -> None:
        if self._stopped.is_set() or (self._later is not None and self._later.is_alive()):
            return
        self._later = threading.Thread(target=self._keep_trying, name="motet-store-rewriter", daemon=True)
        self._later.start()

    def _keep_trying(self) -> None:
        while self.waiting and not self._stopped.wait(AGAIN_SECONDS):
            self.rewrite()
