"""Erasing never waits for those who read; the files follow when they are gone, and nobody else stands still for it."""

import threading
import time

import pytest

from motet.errors import StoreError
from motet.store import Event, Limits, StoreFullError, _people, _rewriting, open_store

CANARY = "canary-5d17"
SHORT = Limits(wait_seconds=0.3)


def held(folder):
    return CANARY.encode() in b"".join(path.read_bytes() for path in folder.iterdir())


def said(store):
    return store.append([Event("e1", CANARY, "lamp"), Event("e2", "bob", "lamp")])


def marks_left(store):
    with store.backend.engine.connect() as connection:
        return _people.unfinished(connection, store._salt)


def test_a_reader_keeps_the_log_but_not_the_erasing_and_a_second_call_finishes_it(tmp_path):
    with open_store(tmp_path / "shop.db", limits=SHORT) as store:
        said(store)
        with store.backend.reading() as reader:
            reader.exec_driver_sql("SELECT count(*) FROM motet_events").scalar_one()
            gone = store.forget(CANARY)
            assert gone.events == 1 and "Erased" in gone.waiting and "reads" in gone.waiting
            assert "Nothing of this call" not in gone.waiting
            assert store.counts().events == 1 and held(tmp_path) and len(marks_left(store)) == 1
        again = store.forget(CANARY)
        assert (again.events, again.waiting) == (0, "") and not held(tmp_path) and marks_left(store) == {}


def test_what_waits_is_finished_by_itself_and_at_the_next_start(tmp_path, monkeypatch):
    monkeypatch.setattr(_rewriting, "AGAIN_SECONDS", 0.2)
    with open_store(tmp_path / "shop.db", limits=SHORT) as store:
        said(store)
        with store.backend.reading() as reader:
            reader.exec_driver_sql("SELECT count(*) FROM motet_events").scalar_one()
            assert store.forget(CANARY).waiting
            time.sleep(0.8)  # the first try of its own fails, too
        until = time.monotonic() + 10
        while marks_left(store) and time.monotonic() < until:
            time.sleep(0.05)
        assert marks_left(store) == {} and not held(tmp_path)


def test_files_that_cannot_be_written_anew_are_no_lost_erasing(tmp_path, monkeypatch):
    with open_store(tmp_path / "shop.db") as store:
        said(store)

        def full(since):
            raise StoreFullError("The disk is full. Nothing of this call was saved.", "Free some space.")

        monkeypatch.setattr(store.backend, "rewrite", full)
        gone = store.forget(CANARY)
        assert gone.events == 1 and gone.waiting.endswith("The disk is full.") and store.is_forgotten(CANARY)
    monkeypatch.undo()
    with open_store(tmp_path / "shop.db") as store:
        assert marks_left(store) == {} and not held(tmp_path)


def test_an_erasing_that_fails_has_changed_nothing(tmp_path, monkeypatch):
    with open_store(tmp_path / "shop.db") as store:
        said(store)

        def fail(*_):
            raise StoreFullError("full", "x")

        monkeypatch.setattr(_people, "erase", fail)
        with pytest.raises(StoreError):
            store.forget(CANARY)
        assert not store.is_forgotten(CANARY) and len(store.history(CANARY)) == 1


def test_whoever_was_never_there_costs_no_writing_anew(tmp_path, monkeypatch):
    with open_store(tmp_path / "shop.db") as store:
        said(store)
        calls = []
        monkeypatch.setattr(store.backend, "rewrite", calls.append)
        assert store.forget("typo").waiting == "" and calls == [] and marks_left(store) == {}
        store.forget("typo")
        assert len(calls) == 1


@pytest.mark.parametrize(
    ("level", "looks_at", "told"),
    [("READ COMMITTED", "motet_events", "tables"), ("REPEATABLE READ", "motet_items", "older transaction")],
)
def test_a_long_reader_of_postgresql_stops_nobody(postgres_url, level, looks_at, told):
    import psycopg

    with open_store(postgres_url, limits=Limits(wait_seconds=1.5)) as store, psycopg.connect(postgres_url) as reader:
        said(store)
        reader.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        reader.execute(f"SELECT count(*) FROM {looks_at}")
        waited, stop = [], threading.Event()

        def others():
            while not stop.is_set():
                start = time.monotonic()
                store.history("bob", limit=5)
                store.append([Event(f"w{start}", "bob", "lamp")])
                waited.append(time.monotonic() - start)
                time.sleep(0.01)

        thread = threading.Thread(target=others)
        thread.start()
        gone = store.forget(CANARY)
        stop.set()
        thread.join()
        assert gone.events == 1 and told in gone.waiting and "Nothing of this call" not in gone.waiting
        assert max(waited) < 1.2 and len(marks_left(store)) == 1
        reader.rollback()
        assert store.forget(CANARY).waiting == "" and marks_left(store) == {}
        with store.backend.engine.connect() as connection:  # the settings of a pooled connection are as they were
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar_one() == "1500ms"
