"""One thread writes: together where it can, alone where it must, and truthfully always."""

import threading

import pytest

from motet.errors import StoreError
from motet.store import Event, Limits, Receipt, StoreBusyError, StoreFullError
from motet.store._writer import GroupWriter
from motet.store.checks import prepare


def prepared(*ids):
    return [prepare(Event(id, "u", "i"), Limits(), 0) for id in ids]


class Commits:
    """Stands for the database: holds commits until it is told to go on."""

    def __init__(self):
        self.groups, self.gate, self.entered = [], threading.Event(), threading.Event()

    def __call__(self, events):
        self.entered.set()
        assert self.gate.wait(10)
        ids = [each.event.id for each in events]
        self.groups.append(ids)
        if "full" in ids:
            raise StoreFullError("full", "x")
        if "odd" in ids:
            raise StoreError("odd", "x")
        return [Receipt(id, "saved") for id in ids]


@pytest.fixture
def commits():
    return Commits()


@pytest.fixture
def writer(commits):
    writer = GroupWriter(commits, 10)
    yield writer
    commits.gate.set()
    writer.close()


def hold(writer, commits):
    """Let one append keep the writer busy."""
    promise = writer.append(prepared("first"))
    assert commits.entered.wait(10)
    return promise


def test_what_waits_is_committed_together_and_nobody_hears_of_it_before(writer, commits):
    first = hold(writer, commits)
    promises = [writer.append(prepared(f"a{n}", f"b{n}")) for n in range(3)]
    assert not any(promise.done() for promise in [first, *promises])
    commits.gate.set()
    assert [[each.id for each in promise.result(10)] for promise in promises] == [
        *(["a0", "b0"], ["a1", "b1"], ["a2", "b2"]),
    ]
    assert commits.groups == [["first"], ["a0", "b0", "a1", "b1", "a2", "b2"]]


def test_other_work_keeps_its_place_in_the_row(writer, commits):
    hold(writer, commits)
    writer.append(prepared("a"))
    between = writer.alone(lambda: [list(group) for group in commits.groups])
    after = writer.append(prepared("b"))
    commits.gate.set()
    assert between.result(10) == [["first"], ["a"]] and after.result(10)[0].id == "b"


def test_a_failed_commit_is_heard_by_everyone_in_it(writer, commits):
    hold(writer, commits)
    promises = [writer.append(prepared(id)) for id in ("a", "full", "b")]
    commits.gate.set()
    for promise in promises:
        with pytest.raises(StoreFullError):
            promise.result(10)


def test_one_that_cannot_be_written_does_not_harm_its_neighbours(writer, commits):
    hold(writer, commits)
    good, odd, other = [writer.append(prepared(id)) for id in ("a", "odd", "b")]
    commits.gate.set()
    assert good.result(10)[0].accepted and other.result(10)[0].accepted
    with pytest.raises(StoreError, match="odd"):
        odd.result(10)


def test_what_waits_is_bounded_and_room_comes_back(writer, commits):
    hold(writer, commits)
    waiting = writer.append(prepared(*map(str, range(10))))
    with pytest.raises(StoreBusyError, match="10 events wait"):
        writer.append(prepared("one more"))
    commits.gate.set()
    assert len(waiting.result(10)) == 10 and writer.append(prepared("one more")).result(10)[0].accepted


def test_closing_finishes_what_waits_and_takes_nothing_more(writer, commits):
    hold(writer, commits)
    last = writer.append(prepared("last"))
    commits.gate.set()
    writer.close()
    assert last.done() and last.result()[0].accepted
    with pytest.raises(StoreError, match="closed"):
        writer.append(prepared("too late"))


def test_an_error_in_other_work_reaches_who_asked(writer, commits):
    commits.gate.set()
    with pytest.raises(ZeroDivisionError):
        writer.alone(lambda: 1 / 0).result(10)
    assert writer.append(prepared("a")).result(10)[0].accepted
