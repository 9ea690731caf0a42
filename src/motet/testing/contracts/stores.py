"""What every store keeps, whichever database holds it."""
# ruff: noqa: D102 (a test's name says what it asks)

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from motet.errors import RequestError, StoreError
from motet.store import Event, Item, Limits, LoggedEvent, Store, open_store, restore

HOUR = 3_600_000


def event(id: str, user: str = "ann", **rest: Any) -> Event:
    """Return an event about an item, a moment ago."""
    return Event(id, user, **{"item": "lamp", "time": 1_700_000_000_000, **rest})


def said(events: list[LoggedEvent]) -> list[str]:
    """Return the ids of events."""
    return [each.id for each in events]


class StoreContract:
    """A store at `where`, a fixture that gives the address of a fresh one; `held` gives all bytes it holds on disk."""

    @pytest.fixture
    def held(self) -> Callable[[], bytes]:
        raise NotImplementedError("say how to read the store's files")

    @pytest.fixture
    def store(self, where: str) -> Iterator[Store]:
        with open_store(where) as store:
            yield store

    # the log

    def test_what_was_said_saved_is_there_after_opening_again(self, where: str) -> None:
        sent = event("e1", behaviour="buy", values={"price": 2.5, "tags": ["a", "ü"], "gift": True}, text="für Ann 🎁")
        with open_store(where) as store:
            receipt = store.append([sent])[0]
            assert receipt.status == "saved" and receipt.accepted and not receipt.clamped
        with open_store(where) as store:
            found = store.history("ann")[0]
            assert store.event("e1") == found and store.event("e2") is None
        assert (found.id, found.user, found.item, found.behaviour, found.time, found.text) == (
            *("e1", "ann", "lamp", "buy", sent.time, sent.text),
        )
        assert found.values == {"price": 2.5, "tags": ["a", "ü"], "gift": True} and found.seq == receipt.seq

    def test_every_order_ends_in_the_same_history(self, store: Store) -> None:
        times = [5, 3, 3, 9, -(10**12), 7]
        for trial in range(4):
            sent = [event(f"{trial}-{place}", f"u{trial}", time=moment) for place, moment in enumerate(times)] * 2
            random.Random(trial).shuffle(sent)
            for start in range(0, len(sent), 5):
                assert all(receipt.accepted for receipt in store.append(sent[start : start + 5]))
            expected = [f"{trial}-{place}" for place in (4, 1, 2, 0, 5, 3)]
            assert said(store.history(f"u{trial}")) == expected
            assert said(store.history(f"u{trial}", limit=2)) == expected[-2:]

    def test_every_item_that_a_user_ever_had_is_told_once(self, store: Store) -> None:
        sent = [Event(f"e{place}", "ann", item) for place, item in enumerate(["lamp", "sofa", "lamp"])]
        store.append([*sent, Event("words", "ann", text="a lamp"), Event("other", "bob", "desk")])
        assert sorted(store.items_had("ann")) == ["lamp", "sofa"] and store.items_had("nobody") == []
        store.forget("ann")
        assert store.items_had("ann") == []

    def test_a_repeated_event_is_harmless_and_another_with_its_id_is_refused(self, store: Store) -> None:
        first, again, other = store.append([event("e1", values={"n": 5}), event("e1", values={"n": 5.0}), event("e1")])
        assert (first.status, again.status, other.status) == ("saved", "duplicate", "conflict")
        again, other = store.append([event("e1", values={"n": 5}), event("e1", "bob")])
        assert (again.status, again.seq, other.status) == ("duplicate", first.seq, "conflict")
        assert not other.accepted and other.reason
        assert len(store.history("ann")) == 1 and store.history("bob") == []

    def test_an_event_without_a_time_is_the_same_when_it_is_sent_again(self, store: Store) -> None:
        assert [store.append([event("e1", time=None)])[0].status for _ in range(2)] == ["saved", "duplicate"]
        assert abs(store.history("ann")[0].time - time.time() * 1000) < HOUR

    def test_followers_see_every_event_once_in_order(self, store: Store) -> None:
        store.append([event(f"e{n:03}") for n in range(25)])
        seen: list[LoggedEvent] = []
        while more := store.events_after(seen[-1].seq if seen else 0, limit=7):
            seen += more
        assert said(seen) == [f"e{n:03}" for n in range(25)]
        assert [each.seq for each in seen] == sorted({each.seq for each in seen})
        assert store.head() == seen[-1].seq and store.counts().events == 25

    def test_ids_sort_by_their_bytes(self, store: Store) -> None:
        ids = ["b", "a", "B", "_", "ä", "Z", "10", "9"]
        store.append([event(id) for id in ids])
        assert said(store.history("ann")) == sorted(ids)

    # what is refused

    @pytest.mark.parametrize(
        "bad",
        [
            {"id": ""},
            {"id": "x" * 257},
            {"user": "a\0b"},
            {"item": "\ud800"},
            {"text": "x" * 20_001},
            {"values": {"price": float("nan")}},
            {"values": {"price": [1.0, float("inf")]}},
            {"values": {"n": 2**63}},
            {"values": {"nested": {"a": 1}}},
            {"values": {"wide": "x" * 17_000}},
            {"values": {"\0": 1}},
            {"time": 1.5},
            {"time": 2**63},
            {"item": None},
            {"user": 7},
        ],
        ids=lambda bad: next(iter(bad)),
    )
    def test_what_cannot_be_held_is_refused_with_a_reason(self, store: Store, bad: dict[str, Any]) -> None:
        sent: Any = Event(**{"id": "bad", "user": "ann", "item": "lamp", **bad})
        before, refused, after = store.append([event("before"), sent, event("after")])
        assert (before.status, refused.status, after.status) == ("saved", "invalid", "saved")
        assert refused.reason and said(store.history("ann")) == ["after", "before"]

    def test_a_clock_far_ahead_is_set_right_or_refused(self, where: str) -> None:
        ahead = int(time.time() * 1000) + 10 * HOUR
        with open_store(where) as store:
            receipt = store.append([event("e1", time=ahead)])[0]
            assert receipt.status == "saved" and receipt.clamped and receipt.time is not None
            assert receipt.time < ahead - 9 * HOUR and store.history("ann")[0].time == receipt.time
            again = store.append([event("e1", time=ahead)])[0]
            assert (again.status, again.time, again.clamped) == ("duplicate", receipt.time, True)
        with open_store(where, limits=Limits(future="refuse")) as store:
            receipt = store.append([event("e2", time=ahead)])[0]
            assert receipt.status == "invalid" and "future" in receipt.reason
            assert store.append([event("e3", time=ahead - 10 * HOUR + 1000)])[0].status == "saved"

    def test_too_much_in_one_call_is_refused(self, where: str) -> None:
        with open_store(where, limits=Limits(batch=3)) as store:
            with pytest.raises(RequestError, match="more than 3"):
                store.append([event(str(n)) for n in range(4)])
            assert store.append([]) == [] and store.counts().events == 0

    # several at once

    def test_two_processes_worth_of_writers_lose_nothing_and_save_nothing_twice(self, where: str) -> None:
        receipts: list[tuple[str, str]] = []
        followed: list[int] = []

        def write(store: Store, mine: range) -> None:
            for n in mine:
                receipts.extend((each.id, each.status) for each in store.append([event(f"e{n}"), event(f"f{n}")]))

        with open_store(where) as one, open_store(where) as two:
            jobs = [(one, range(0, 30)), (two, range(15, 45)), (one, range(20, 50)), (two, range(0, 50, 5))]
            threads = [threading.Thread(target=write, args=job) for job in jobs]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                followed += [each.seq for each in two.events_after(followed[-1] if followed else 0)]
            for thread in threads:
                thread.join()
            followed += [each.seq for each in two.events_after(followed[-1] if followed else 0)]
            assert two.counts().events == 100
        saved = [id for id, status in receipts if status == "saved"]
        assert len(saved) == len(set(saved)) == 100 and {status for _, status in receipts} == {"saved", "duplicate"}
        assert len(followed) == 100 and followed == sorted(followed), "a number appeared behind one already followed"

    def test_promises_are_kept_in_order(self, store: Store) -> None:
        promises = [store.submit([event(f"e{n}"), event("", user="bob")]) for n in range(20)]
        assert [[each.status for each in promise.result(30)] for promise in promises] == [["saved", "invalid"]] * 20

    # forgetting

    def test_no_byte_of_a_forgotten_user_is_left(self, where: str, held: Callable[[], bytes]) -> None:
        canary, rng = "canary-4f1d0a77", random.Random(9)
        with open_store(where) as store:
            for _ in range(12):
                batch = []
                for _ in range(40):
                    mine, size = rng.random() < 0.1, rng.choice([3, 30, 300])
                    who, word = (canary, canary) if mine else (f"u{rng.randrange(40)}", "other words")
                    id = f"{who}{rng.getrandbits(64):x}"
                    batch.append(event(id, who, text=f"{word} " * size, time=rng.randrange(10**6)))
                store.append(batch)
            store.put_user(canary, {"email": f"{canary}@example.org"})
            assert canary.encode() in held()
            gone = store.forget(canary)
            assert gone.events > 20 and gone.profile
            assert held().count(canary.encode()) == 0
            left = store.counts()
            assert left.events == 480 - gone.events and left.users == 0 and left.forgotten == 1
        assert held().count(canary.encode()) == 0

    def test_the_forgotten_stay_forgotten_also_when_the_log_is_sent_again(self, where: str) -> None:
        with open_store(where) as store:
            store.append([event("e1"), event("e2", "bob")])
            store.put_user("ann", {"age": 7})
            before = store.head()
            store.forget("ann")
        with open_store(where) as store:
            assert [each.status for each in store.append([event("e1"), event("e2", "bob"), event("e3")])] == [
                *("forgotten", "duplicate", "forgotten"),
            ]
            assert store.history("ann") == [] and store.user("ann") is None and store.is_forgotten("ann")
            assert [stone.mark for stone in store.forgotten_after(before)] == [store.mark_of("ann")]
            assert "ann" not in store.mark_of("ann") and not store.is_forgotten("bob")
            with pytest.raises(RequestError, match="forgotten"):
                store.put_user("ann", {})
            assert store.forget("ann").events == 0

    def test_a_new_life_begins_when_asked_for_and_without_the_old_one(self, store: Store) -> None:
        now = int(time.time() * 1000)
        store.append([event("old", time=now - HOUR)])
        store.forget("ann")
        assert store.readmit("ann") and not store.readmit("ann") and not store.readmit("bob")
        time.sleep(0.002)
        old, new = store.append([event("old", time=now - HOUR), event("new", time=None)])
        assert (old.status, new.status) == ("forgotten", "saved")
        assert said(store.history("ann")) == ["new"]
        assert [bool(stone.lifted) for stone in store.forgotten_after(0)] == [True]

    def test_numbers_go_on_after_forgetting(self, store: Store) -> None:
        store.append([event("e1"), event("e2")])
        head = store.head()
        store.forget("ann")
        assert (store.append([event("e3", "bob")])[0].seq or 0) > head

    def test_an_export_is_everything(self, store: Store) -> None:
        store.append([event("e2", time=2), event("e1", time=1), event("e3", "bob")])
        store.put_user("ann", {"age": 7, "likes": ["tea"]})
        whole = store.export("ann")
        assert whole.profile == {"age": 7, "likes": ["tea"]} and [each.id for each in whole.events] == ["e1", "e2"]
        assert store.export("nobody").profile is None and store.export("nobody").events == ()

    # items and users

    def test_items_are_put_changed_withdrawn_and_put_again(self, store: Store) -> None:
        made = store.put_items([Item("a", {"price": 3, "tags": ["x"]}, "a lamp"), Item("b", available=False)])
        assert [store.item("a"), store.item("b")] == made and store.item("c") is None
        assert made[0].attributes == {"price": 3, "tags": ["x"]} and not made[1].available
        head = store.head()
        changed = store.put_item(Item("a", {"price": 4}, "a better lamp"))
        assert store.item("a") == changed and store.items_after(head) == [changed]
        assert store.withdraw_item("b") and not store.withdraw_item("b") and not store.withdraw_item("c")
        assert [(item.id, item.withdrawn) for item in store.items_after(0)] == [("a", False), ("b", True)]
        assert store.counts().items == 1
        assert not store.put_item(Item("b")).withdrawn and store.counts().items == 2
        with pytest.raises(RequestError, match="finite"):
            store.put_item(Item("n", {"price": float("nan")}))

    def test_profiles_are_replaced_and_followed(self, store: Store) -> None:
        store.put_user("ann", {"age": 7})
        head = store.head()
        changed = store.put_user("ann", {"city": "Köln"})
        assert store.user("ann") == changed and changed.profile == {"city": "Köln"}
        assert store.users_after(head) == [changed] and store.users_after(changed.seq) == []

    # keys

    def test_a_key_opens_until_it_is_revoked_and_its_secret_is_not_held(
        self, store: Store, held: Callable[[], bytes]
    ) -> None:
        made = store.create_key("shop", ["read", "write"])
        found = store.find_key(made.secret)
        assert found is not None and (found.id, found.scopes) == (made.key.id, ("read", "write"))
        for wrong in (made.secret[:-1], made.secret + "x", "", "motet__", f"motet_{made.key.id}_", "motet_ü_ü", "\0"):
            assert store.find_key(wrong) is None
        store.put_item(Item("after"))  # what was noted about the use is written by now
        assert store.keys()[0].last_used is not None
        secret = made.secret.removeprefix(f"motet_{made.key.id}_")
        assert secret.encode() not in held() and secret not in repr(made)
        assert store.revoke_key(made.key.id) and not store.revoke_key(made.key.id)
        assert store.find_key(made.secret) is None and store.keys()[0].revoked is not None

    def test_a_key_needs_scopes_that_exist(self, store: Store) -> None:
        for scopes in ([], ["everything"]):
            with pytest.raises(RequestError, match="scope"):
                store.create_key("x", scopes)  # type: ignore[arg-type]
        assert store.keys() == []

    # models

    def test_models_take_turns_and_roll_back_one_by_one(self, store: Store) -> None:
        assert store.active_model() is None
        for version in "abc":
            store.add_model(version, f"models/{version}", version * 64)
            store.activate_model(version)
        store.activate_model("c")
        active = []
        for _ in range(2):
            store.roll_back_model()
            model = store.active_model()
            active.append(model.version if model else "")
        assert active == ["b", "a"]
        with pytest.raises(RequestError, match="before this one"):
            store.roll_back_model()
        assert [each.version for each in store.activations()] == ["a", "b", "c", "c", "b", "a"]
        assert [each.rolled_back for each in store.activations()][-2:] == [True, True]

    def test_a_model_is_what_its_checksum_says(self, store: Store) -> None:
        store.add_model("a", "x", "1" * 64)
        assert store.add_model("a", "y", "1" * 64).path == "y"
        with pytest.raises(RequestError, match="checksum"):
            store.add_model("a", "x", "2" * 64)
        with pytest.raises(RequestError, match="known: a"):
            store.activate_model("b")

    # care

    def test_a_backup_is_one_moment_while_others_write(self, where: str, tmp_path: Path) -> None:
        stop = threading.Event()

        def write(store: Store) -> None:
            n = 0
            while not stop.is_set():
                store.append([event(f"{n}-{half}") for half in "ab"])
                n += 1

        with open_store(where) as store:
            store.put_user("bob", {"age": 9})
            store.put_item(Item("a"))
            key = store.create_key("k", ["admin"])
            store.forget("cleo")
            writer = threading.Thread(target=write, args=(store,))
            writer.start()
            try:
                while store.counts().events < 20:
                    time.sleep(0.01)
                made = store.backup(tmp_path / "copy.db")
            finally:
                stop.set()
                writer.join()
            after = store.counts().events
        assert 20 <= made.counts.events <= after and made.counts.events % 2 == 0
        assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("copy")) == [
            *("copy.db", "copy.db.sha256"),
        ]
        restore(made.path, tmp_path / "back.db")
        with open_store(tmp_path / "back.db") as back:
            assert back.counts() == made.counts and back.find_key(key.secret) is not None
            assert back.user("bob") is not None and back.is_forgotten("cleo")
            assert back.append([event("0-a"), event("x", "cleo")])[0].status == "duplicate"
            assert (back.append([event("fresh")])[0].seq or 0) > made.counts.seq

    def test_a_backup_comes_back_into_this_kind_of_store_unless_it_is_damaged(self, where: str, tmp_path: Path) -> None:
        with open_store(tmp_path / "from.db") as source:
            source.append([event(f"e{n}", text="x" * n, values={"n": n}) for n in range(50)])
            wanted = source.history("ann")
            made = source.backup(tmp_path / "copy.db")
        whole = Path(made.path).read_bytes()
        Path(made.path).write_bytes(whole[:-9] + b"x" + whole[-8:])
        with pytest.raises(StoreError, match="checksum differs"):
            restore(made.path, where)
        Path(made.path).write_bytes(whole)
        restore(made.path, where)
        with open_store(where) as store:
            assert store.history("ann") == wanted
        with pytest.raises(StoreError, match="not empty"):
            restore(made.path, where)

    def test_a_backup_is_never_written_over(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "copy.db").write_text("mine", encoding="utf-8")
        with pytest.raises(StoreError, match="exists already"):
            store.backup(tmp_path / "copy.db")
        with pytest.raises(StoreError, match="cannot be made"):
            store.backup(tmp_path / "copy.db" / "none.db")

    def test_a_closed_store_says_so(self, where: str) -> None:
        store = open_store(where)
        store.check()
        store.close()
        with pytest.raises(StoreError, match="closed"):
            store.append([event("e1")])
