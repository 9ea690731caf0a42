"""One process of the service: its store, its model, its threads."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar, cast

from motet.errors import ArtifactError, MotetError, StoreError
from motet.recommend import Question, RankedList, recommend_many
from motet.recommend.port import Retrieval
from motet.recommend.prepare import is_stale, prepare
from motet.serve.batching import Batcher
from motet.serve.door import Door
from motet.serve.failures import HttpError, log_bug, too_busy
from motet.serve.follow import Follower
from motet.serve.golden import RecentShapes, check_golden, fitting
from motet.serve.metrics import Metrics
from motet.serve.running import Running, holds_forgotten, open_model, with_items
from motet.serve.settings import Settings
from motet.store import Store, open_store

T = TypeVar("T")
FAULT_SECONDS = 10.0
"""How long a failed write keeps a process from being called ready."""
IO_THREADS = 8
PICTURES = 8
"""What is drawn from a model and kept."""

_log = logging.getLogger("motet.serve")


class Service:
    """What the routes ask.

    running: the model that answers; replaced as a whole, never changed, save that items are put into tables that grow.
    retrieval: how its candidates are found, once that is known. refused: the version that was activated
    elsewhere last and does not answer here; it is tried again when it is activated again. streams: runs that are
    followed now.
    """

    def __init__(self, settings: Settings) -> None:
        bounds = settings.bounds
        self.settings, self.bounds = settings, bounds
        self.store: Store = open_store(settings.store)
        self.door = Door(self.store, bounds, open_door=settings.open_without_key)
        self.metrics, self.recent = Metrics(), RecentShapes()
        self.draining = False
        self.streams = 0
        self.refused = ""
        self._refused_at = 0
        self._fault: tuple[float, str] | None = None
        self._io = ThreadPoolExecutor(IO_THREADS, "motet-io")
        self._care = ThreadPoolExecutor(1, "motet-care")
        self._index = ThreadPoolExecutor(1, "motet-index")
        self._indexing = threading.Lock()
        self.retrieval: Retrieval | None = None
        self._changing = threading.Lock()
        self._pictures: dict[Hashable, Any] = {}
        self.running: Running = self._first()
        self.batcher = Batcher(
            self._answer,
            threads=bounds.threads,
            together=bounds.together,
            waiting=bounds.waiting,
            seconds=bounds.seconds,
            note=self.metrics.together.observe,
        )
        self.follower = Follower(self, bounds.follow_seconds)

    def start(self) -> None:
        """Begin to follow the store."""
        self.follower.start()
        self._care.submit(self._warm)
        self.index_again()

    def close(self) -> None:
        """Finish what is under way, and let go."""
        self.draining = True
        self.follower.stop()
        self.batcher.close()
        self._care.shutdown(wait=True, cancel_futures=True)
        self._index.shutdown(wait=True, cancel_futures=True)
        self._io.shutdown(wait=True)
        self.store.close()

    # for the routes

    async def io(self, work: Callable[..., T], *given: Any) -> T:
        """Return what `work` returns, which waits for the store, without letting others wait."""
        return await asyncio.get_running_loop().run_in_executor(self._io, lambda: work(*given))

    async def write(self, work: Callable[..., T], *given: Any) -> T:
        """Return what `work` returns, which writes to the store; a failure keeps this process from being ready."""
        try:
            found = await self.io(work, *given)
        except StoreError as error:
            self.note_fault(error)
            raise
        self._fault = None
        return found

    async def model(self, work: Callable[[Running], T]) -> T:
        """Return what `work` makes of the model that answers."""
        return await self._kept(self.batcher.do(lambda: work(self.running)))

    async def lists(self, question: Question) -> tuple[str, RankedList]:
        """Return the list that answers a question, and the version of the model that made it."""
        version, found = await self._kept(self.batcher.ask(question))
        self.recent.note(question)
        self.metrics.lists.labels(found.source).inc()
        return version, found

    async def care(self, work: Callable[..., T], *given: Any) -> T:
        """Return what `work` returns, which changes the model; one such work at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._care, lambda: work(*given))

    async def reaches(self, seq: int, seconds: float) -> bool:
        """Return whether the model knows every change up to `seq`, after waiting for it without holding a thread."""
        promise = self.follower.reaching(seq)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(promise), seconds)
        except TimeoutError:
            return False
        finally:
            self.follower.give_up(promise)

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned for this key the first time, as long as it is among the latest few."""
        found = self._pictures.get(key)
        if found is None:
            found = self._pictures[key] = make()
            while len(self._pictures) > PICTURES:
                self._pictures.pop(next(iter(self._pictures)), None)
        return cast(T, found)

    def note_fault(self, error: MotetError) -> None:
        """Remember that the store failed."""
        self._fault = (time.monotonic(), error.message)

    def unready(self) -> str:
        """Return why this process should not be asked now, or an empty string."""
        if self.draining:
            return "It is about to stop."
        if self._fault is not None and time.monotonic() - self._fault[0] < FAULT_SECONDS:
            return self._fault[1]
        return self.follower.fault

    # the model

    def bring_up_to_date(self) -> None:
        """Give the model every item that was put by now."""
        with self._changing:
            self.running = with_items(self.running, self.store)
        if is_stale(self.running.bundle.loaded):
            self.index_again()

    def index_again(self) -> None:
        """Let a thread of its own build the index of a large catalogue; lists are made exactly until it is there."""
        if not self.draining and self._indexing.acquire(blocking=False):
            self._index.submit(self._build_index)

    def _build_index(self) -> None:
        running = self.running
        try:
            found = self.retrieval = prepare(running.bundle.loaded, running.known)
            self.metrics.tell_retrieval(found)
            fields = {name: value for name, value in vars(found).items() if value not in (None, "")}
            _log.info("retrieval", extra={"fields": fields})
        except Exception as error:
            log_bug(error)
        finally:
            self._indexing.release()
        if self.running.version != running.version:  # the model was changed meanwhile
            self.index_again()

    def put_in_place(self, other: Running) -> None:
        """Let another model answer from the next request on."""
        with self._changing:
            self.running = with_items(other, self.store)
            self.refused, self.retrieval = "", None
        self.index_again()
        gc.collect()
        _log.info("model", extra={"fields": {"version": other.version}})

    def open(self, path: str | Path) -> Running:
        """Return the model of a folder, opened beside the one that answers."""
        bounds = self.bounds
        return open_model(path, self.store, data=self.settings.data, log_events=bounds.log_events)

    def follow_active(self) -> None:
        """Serve the model that another process has activated; where it does not answer, go on with this one.

        Raises StoreError where the store fails meanwhile: that says nothing about the model.
        """
        active = self.store.active_model()
        if active is None or active.version == self.running.version:
            return
        latest = self.store.activations()[-1].seq
        if active.version == self.refused and latest == self._refused_at:
            return
        try:
            other = self.open(active.path)
            if other.fingerprint != active.sha256:
                raise ArtifactError("Another model lies in its folder by now.", "Activate it by its path.")
            check_golden(other.bundle, fitting(other.bundle, self.recent))
            self.put_in_place(other)
            self.metrics.swaps.labels("followed").inc()
        except StoreError:
            raise
        except MotetError as error:
            self.metrics.swaps.labels("refused").inc()
            self.refused, self._refused_at = active.version, latest
            self._tell_refused(active.version, error)

    def _tell_refused(self, version: str, error: MotetError) -> None:
        _log.error("model refused", extra={"fields": {"version": version, "reason": error.message}})

    def reload_without_forgotten(self) -> None:
        """Open the folder anew where it holds somebody who was forgotten."""
        if holds_forgotten(self.running, self.store):
            self.put_in_place(self.open(self.running.bundle.path))

    def later(self, work: Callable[[], None]) -> Future[None]:
        """Return the promise of work that changes the model; what goes wrong is logged."""

        def guarded() -> None:
            try:
                work()
            except MotetError as error:
                _log.error("care", extra={"fields": {"reason": error.message}})
            except Exception as error:
                log_bug(error)

        return self._care.submit(guarded)

    def _answer(self, questions: Sequence[Question]) -> list[tuple[str, RankedList]]:
        running = self.running
        return [(running.version, found) for found in recommend_many(running.bundle.loaded, questions)]

    async def _kept(self, promise: Future[T]) -> T:
        try:
            return await asyncio.wait_for(asyncio.wrap_future(promise), self.bounds.seconds)
        except TimeoutError:
            raise too_busy("The model took too long.") from None

    def _first(self) -> Running:
        """The model of the folder; once others were activated after it, the last of them.

        A folder that the store sees for the first time is activated, after golden requests. Where it is gone or does
        not answer, the model that is active goes on; raises ArtifactError where there is none.
        """
        active = self.store.active_model()
        known = {model.version for model in self.store.models()}
        try:
            given = self.open(self.settings.folder)
            if active is None or given.version not in known:
                check_golden(given.bundle)
        except ArtifactError as error:
            if active is None:
                raise
            self._tell_refused(self.settings.folder, error)
            return self.open(active.path)
        self.store.add_model(given.version, str(given.bundle.path), given.fingerprint)
        if active is None or given.version not in known:
            self.store.activate_model(given.version)
        elif active.version != given.version:
            try:
                return self.open(active.path)
            except ArtifactError as error:
                self._tell_refused(active.version, error)
        return given

    def _warm(self) -> None:
        """Ask everything once, so that nobody has to wait for what is loaded when it is first needed."""
        try:
            check_golden(self.running.bundle)
        except MotetError as error:
            _log.warning("model", extra={"fields": {"reason": error.message}})
        except Exception as error:
            log_bug(error)


def unknown(what: str, remedy: str) -> HttpError:
    """Return the answer to a question about something that is not there."""
    return HttpError(404, what, remedy)
