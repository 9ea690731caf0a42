"""The store itself: one set of SQL statements over whichever database holds it."""
# ruff: noqa: D102 (each method does what `Store` says of it)

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, select

from motet.errors import MotetError, RequestError
from motet.store import _catalogue, _counts, _keys, _log, _marks, _models, _people, _sequence
from motet.store import tables as t
from motet.store._protocol import Store
from motet.store._rewriting import Rewriter
from motet.store._writer import GroupWriter
from motet.store.backends import Backend
from motet.store.backup import write_backup
from motet.store.checks import Prepared, check_id, check_item, check_profile, prepare
from motet.store.failures import StoreBusyError, StoreFullError, translated
from motet.store.limits import Limits
from motet.store.migrate import SALT, migrate
from motet.store.records import (
    Activation,
    Backup,
    Counts,
    Event,
    Export,
    Forgotten,
    Item,
    Key,
    LoggedEvent,
    Model,
    NewKey,
    Receipt,
    Scope,
    Tombstone,
    User,
    Value,
)

T = TypeVar("T")
Clock = Callable[[], int]
"""Milliseconds since 1970."""

_log_book = logging.getLogger("motet.store")


def now() -> int:
    """Return this machine's time in milliseconds."""
    return time.time_ns() // 1_000_000


class SqlStore(Store):
    """A store on a backend; see `Store` for what each method gives. clock: for tests."""

    def __init__(self, backend: Backend, limits: Limits, clock: Clock = now) -> None:
        self.where = backend.where
        self.limits = limits
        self.backend = backend
        self._clock = clock
        self._noted: dict[str, int] = {}
        with self._on(backend.preparing()) as connection:
            migrate(connection, self.where)
            salt = connection.execute(select(t.meta.c.value).where(t.meta.c.name == SALT)).scalar_one()
        self._salt = bytes.fromhex(salt)
        self._writer = GroupWriter(self._commit, limits.waiting)
        self._files = Rewriter(backend, lambda step: self._writer.alone(step).result(), self._note, limits.wait_seconds)
        try:
            self._finish_forgetting()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> SqlStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # events

    def submit(self, events: Sequence[Event]) -> Future[list[Receipt]]:
        if len(events) > self.limits.batch:
            told = f"{len(events):,} events in one call are more than {self.limits.batch:,}."
            raise RequestError(told, "Send them in several calls.")
        moment = self._clock()
        found = [prepare(event, self.limits, moment) for event in events]
        sound = [each for each in found if isinstance(each, Prepared)]
        if len(sound) == len(found):
            return self._writer.append(sound)
        return _with_refused(self._writer.append(sound), found)

    def append(self, events: Sequence[Event]) -> list[Receipt]:
        return self.submit(events).result()

    def events_after(self, seq: int, limit: int = 1000) -> list[LoggedEvent]:
        return self._read(lambda connection: _log.events_after(connection, seq, limit))

    def history(self, user: str, limit: int | None = None) -> list[LoggedEvent]:
        check_id(user, "user", self.limits)
        return self._read(lambda connection: _log.history(connection, user, self._salt, limit))

    def items_had(self, user: str) -> list[str]:
        check_id(user, "user", self.limits)
        return self._read(lambda connection: _log.items_had(connection, user, self._salt))

    def event(self, id: str) -> LoggedEvent | None:
        check_id(id, "id", self.limits)
        return self._read(lambda connection: _log.event(connection, id))

    def head(self) -> int:
        return self._read(_sequence.head)

    def counts(self) -> Counts:
        return self._read(_counts.counts)

    # items

    def put_item(self, item: Item) -> Item:
        return self.put_items([item])[0]

    def put_items(self, items: Sequence[Item]) -> list[Item]:
        for item in items:
            check_item(item, self.limits)
        return self._write(lambda connection: _catalogue.put(connection, items, self._clock()))

    def withdraw_item(self, id: str) -> bool:
        check_id(id, "item", self.limits)
        return self._write(lambda connection: _catalogue.withdraw(connection, id, self._clock()))

    def item(self, id: str) -> Item | None:
        check_id(id, "item", self.limits)
        return self._read(lambda connection: _catalogue.item(connection, id))

    def items_after(self, seq: int, limit: int = 1000) -> list[Item]:
        return self._read(lambda connection: _catalogue.items_after(connection, seq, limit))

    # users

    def put_user(self, user: str, profile: Mapping[str, Value]) -> User:
        check_profile(user, profile, self.limits)
        return self._write(lambda connection: _people.put(connection, user, profile, self._salt, self._clock()))

    def user(self, id: str) -> User | None:
        check_id(id, "user", self.limits)
        return self._read(lambda connection: _people.user(connection, id, self._salt))

    def users_after(self, seq: int, limit: int = 1000) -> list[User]:
        return self._read(lambda connection: _people.users_after(connection, seq, limit))

    def export(self, user: str) -> Export:
        check_id(user, "user", self.limits)
        with self._on(self.backend.reading()) as connection:
            return _people.export(connection, user, self._salt, self._clock())

    def forget(self, user: str) -> Forgotten:
        check_id(user, "user", self.limits)
        moment, mark = self._clock(), self.mark_of(user)

        def take_away(connection: Connection) -> tuple[Forgotten, bool]:
            known = _people.is_buried(connection, mark)
            seq = _people.bury(connection, user, self._salt, moment)
            done = Forgotten(seq, moment, *_people.erase(connection, user))
            return done, known or done.events > 0 or done.profile

        done, held = self._write(take_away)
        self._files.waiting.add(mark)
        return replace(done, waiting=self._files.rewrite(any_bytes=held))

    def readmit(self, user: str) -> bool:
        check_id(user, "user", self.limits)
        return self._write(lambda connection: _people.readmit(connection, user, self._salt, self._clock()))

    def is_forgotten(self, user: str) -> bool:
        check_id(user, "user", self.limits)
        return self._read(lambda connection: _marks.is_forgotten(connection, user, self._salt))

    def mark_of(self, user: str) -> str:
        return _marks.mark_of(user, self._salt)

    def forgotten_after(self, seq: int, limit: int = 1000) -> list[Tombstone]:
        return self._read(lambda connection: _people.forgotten_after(connection, seq, limit))

    # keys

    def create_key(self, name: str, scopes: Sequence[Scope]) -> NewKey:
        check_id(name, "name", self.limits)
        return self._write(lambda connection: _keys.create(connection, name, scopes, self._clock()))

    def find_key(self, secret: str) -> Key | None:
        found = self._read(lambda connection: _keys.find(connection, secret))
        moment = self._clock()
        if found is not None and moment - self._noted.get(found.id, 0) > _keys.NOTED_EVERY:
            self._noted[found.id] = moment
            self._note_use(found.id, moment)
        return found

    def keys(self) -> list[Key]:
        return self._read(_keys.keys)

    def revoke_key(self, id: str) -> bool:
        return self._write(lambda connection: _keys.revoke(connection, id, self._clock()))

    # models

    def add_model(self, version: str, path: str, sha256: str) -> Model:
        check_id(version, "version", self.limits)
        return self._write(lambda connection: _models.add(connection, version, path, sha256, self._clock()))

    def models(self) -> list[Model]:
        return self._read(_models.models)

    def active_model(self) -> Model | None:
        return next((model for model in self.models() if model.active), None)

    def activate_model(self, version: str) -> Activation:
        return self._write(lambda connection: _models.activate(connection, version, self._clock()))

    def roll_back_model(self) -> Activation:
        return self._write(lambda connection: _models.roll_back(connection, self._clock()))

    def activations(self) -> list[Activation]:
        return self._read(_models.activations)

    # care

    def backup(self, path: str | Path) -> Backup:
        with self._on(self.backend.reading()) as connection:
            return write_backup(connection, Path(path), self.limits)

    def check(self) -> None:
        with translated(self.where):
            self.backend.check()

    def close(self) -> None:
        self._files.close()
        self._writer.close()
        self.backend.close()

    # how

    @contextmanager
    def _on(self, transaction: AbstractContextManager[Connection]) -> Iterator[Connection]:
        with translated(self.where), transaction as connection:
            yield connection

    def _read(self, ask: Callable[[Connection], T]) -> T:
        with translated(self.where), self.backend.engine.connect() as connection:
            return ask(connection)

    def _write(self, work: Callable[[Connection], T]) -> T:
        def job() -> T:
            with self._on(self.backend.writing()) as connection:
                return work(connection)

        return self._writer.alone(job).result()

    def _commit(self, events: Sequence[Prepared]) -> list[Receipt]:
        if not events:
            return []
        with self._on(self.backend.writing()) as connection:
            return _log.append(connection, events, self._salt)

    def _finish_forgetting(self) -> None:
        """What a crash, or somebody in the way, has kept an earlier process from erasing."""
        for mark, user in self._read(lambda connection: _people.unfinished(connection, self._salt)).items():
            try:
                if user is not None:
                    self._write(partial(_people.erase, user_id=user))
                self._files.waiting.add(mark)
            except (StoreBusyError, StoreFullError) as error:  # the tombstone keeps them out until the next try
                _log_book.warning("A user's last bytes could not be erased yet: %s", error)
        if self._files.waiting:
            self._files.rewrite(0.0)

    def _note(self, marks: Collection[str]) -> None:
        self._write(lambda connection: _people.note_erased(connection, marks, self._clock()))

    def _note_use(self, id: str, moment: int) -> None:
        """Write down a key's use without letting the request wait, or fail, for it."""

        def job() -> None:
            try:
                with self._on(self.backend.writing()) as connection:
                    _keys.note_use(connection, id, moment)
            except MotetError as error:
                _log_book.warning("The last use of key %s could not be noted: %s", id, error)

        try:
            self._writer.alone(job)
        except MotetError as error:
            _log_book.warning("The last use of key %s could not be noted: %s", id, error)


def _with_refused(sound: Future[list[Receipt]], found: Sequence[Prepared | Receipt]) -> Future[list[Receipt]]:
    """Return the promise of all receipts, those of events that were refused at the door in their places."""
    whole: Future[list[Receipt]] = Future()
    whole.set_running_or_notify_cancel()

    def join(done: Future[list[Receipt]]) -> None:
        error = done.exception()
        if error is not None:
            whole.set_exception(error)
            return
        receipts = iter(done.result())
        whole.set_result([each if isinstance(each, Receipt) else next(receipts) for each in found])

    sound.add_done_callback(join)
    return whole
