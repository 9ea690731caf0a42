"""What is particular to how the store works inside."""

import pytest
from sqlalchemy import text

from motet.errors import StoreError
from motet.store import (
    Event,
    Item,
    Limits,
    _catalogue,
    _counts,
    _keys,
    _log,
    _marks,
    _models,
    _people,
    _sequence,
)
from motet.store.backends.sqlite import Sqlite
from motet.store.sql import SqlStore, now


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path) as store:
        yield store


def opened(folder, clock=now):
    return SqlStore(Sqlite(folder / "shop.db", Limits()), Limits(), clock)


def test_forgetting_that_was_cut_short_goes_on_at_the_next_start(tmp_path):
    with opened(tmp_path) as store:
        store.append([Event("e1", "canary-77", "lamp"), Event("e2", "bob", "lamp")])
        with store.backend.writing() as connection:  # as older versions did first, before they erased
            _people.bury(connection, "canary-77", store._salt, now())
        assert store.history("canary-77") == [] and store.is_forgotten("canary-77")
        assert store.append([Event("e3", "canary-77", "lamp")])[0].status == "forgotten"
    assert b"canary-77" in (tmp_path / "shop.db").read_bytes()
    with opened(tmp_path) as store:
        assert store.counts().events == 1
    assert b"canary-77" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    with opened(tmp_path) as store, store.backend.engine.connect() as connection:
        assert _people.unfinished(connection, store._salt) == {}


def test_a_tombstone_says_nothing_without_the_stores_own_salt(tmp_path):
    (tmp_path / "other").mkdir()
    with opened(tmp_path) as one, opened(tmp_path / "other") as two:
        assert one.mark_of("ann") != two.mark_of("ann")
        assert one.mark_of("ann") == _marks.mark_of("ann", one._salt)


def test_what_is_counted_is_what_is_there(store):
    store.append([Event("e1", "ann", "lamp"), Event("e2", "bob", "lamp")])
    store.put_items([Item("a"), Item("b")])
    store.withdraw_item("a")
    store.put_user("bob", {})
    store.forget("ann")
    with store.backend.engine.connect() as connection:
        found = _counts.counts(connection)
    assert (found.events, found.users, found.items, found.forgotten, found.seq) == (1, 1, 1, 1, store.head())


def test_numbers_are_taken_once_and_go_back_with_their_transaction(store):
    with store.backend.writing() as connection:
        assert [_sequence.take(connection), _sequence.take(connection, 3), _sequence.take(connection)] == [1, 2, 5]
    with pytest.raises(ZeroDivisionError), store.backend.writing() as connection:
        _sequence.take(connection, 7)
        raise ZeroDivisionError
    assert store.head() == 5


def test_many_ids_are_looked_up_in_bites(store, monkeypatch):
    monkeypatch.setattr(_log, "CHUNK", 3)
    monkeypatch.setattr(_marks, "CHUNK", 2)
    sent = [Event(f"e{n}", f"u{n}", "lamp") for n in range(10)]
    assert {receipt.status for receipt in store.append(sent)} == {"saved"}
    store.forget("u7")
    statuses = [receipt.status for receipt in store.append(sent)]
    assert statuses == ["duplicate"] * 7 + ["forgotten"] + ["duplicate"] * 2


def test_an_id_that_a_forgotten_user_could_not_have_is_free_for_the_next(store):
    store.forget("ann")
    sent = [Event("e1", "ann", "lamp"), Event("e1", "bob", "lamp"), Event("e1", "ann", "lamp")]
    assert [receipt.status for receipt in store.append(sent)] == ["forgotten", "saved", "conflict"]


def test_an_item_named_twice_in_one_call_is_its_last_self(store):
    with store.backend.writing() as connection:
        held = _catalogue.put(connection, [Item("a", {"n": 1}), Item("a", {"n": 2})], 5)
    assert [item.attributes for item in held] == [{"n": 2}] and store.items_after(0) == held


def test_a_keys_use_is_noted_once_a_minute_and_never_in_the_way(tmp_path, monkeypatch):
    moment = [1_000_000]
    with opened(tmp_path, lambda: moment[0]) as store:
        secret = store.create_key("k", ["read"]).secret
        noted = []
        for step in (0, 59_000, 2_000):
            moment[0] += step
            assert store.find_key(secret) is not None
            store.put_item(Item("wait"))
            noted.append(store.keys()[0].last_used)
        assert noted == [1_000_000, 1_000_000, 1_061_000]

        def fail(*_):
            raise StoreError("no", "x")

        monkeypatch.setattr(_keys, "note_use", fail)
        moment[0] += 100_000
        assert store.find_key(secret) is not None


def test_a_key_is_held_as_a_salted_hash(store):
    made = [store.create_key("same", ["admin"]) for _ in range(2)]
    with store.backend.engine.connect() as connection:
        rows = connection.execute(text("SELECT hash, salt FROM motet_keys")).all()
    assert len({row.hash for row in rows}) == len({row.salt for row in rows}) == 2
    word = made[0].secret.rpartition("_")[2] if made[0].secret.count("_") == 2 else made[0].secret.split("_", 2)[2]
    assert _keys._hash(word, next(row.salt for row in rows if row.hash == _keys._hash(word, row.salt)))


def test_a_rolled_back_model_that_is_activated_again_stands_on_top(store):
    for version in ("a", "b"):
        store.add_model(version, version, version)
        store.activate_model(version)
    store.roll_back_model()
    store.activate_model("b")
    assert _models._serving(store.activations()) == ["a", "b"]
