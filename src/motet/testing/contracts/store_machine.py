"""A store beside a plain dictionary: whatever is done to both, they hold the same."""
# ruff: noqa: D102 (a rule's name says what it does)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from motet.store import Event, Item, Limits, Store

USERS = st.sampled_from(["ann", "bob", "cleo"])
IDS = st.integers(0, 12).map(lambda n: f"e{n}")
TIMES = st.integers(-3, 3)
ITEMS = st.sampled_from(["lamp", "mug"])


class StoreMachine(RuleBasedStateMachine):
    """Events, repeats, forgetting, exports and reopening. `fresh` has to give the address of an empty store."""

    fresh: Callable[[], str]

    @initialize()
    def open(self) -> None:
        self.where = type(self).fresh()
        self.store = self._opened()
        self.events: dict[str, tuple[str, str, int]] = {}
        self.profiles: dict[str, Any] = {}
        self.items: dict[str, tuple[int, bool]] = {}
        self.forgotten: set[str] = set()
        self.head = 0

    def _opened(self) -> Store:
        from motet.store import open_store

        return open_store(self.where, limits=Limits(wait_seconds=30))

    @rule(batch=st.lists(st.tuples(IDS, USERS, ITEMS, TIMES), max_size=6))
    def append(self, batch: list[tuple[str, str, str, int]]) -> None:
        receipts = self.store.append([Event(id, user, item, time=time) for id, user, item, time in batch])
        for receipt, (id, *rest) in zip(receipts, batch, strict=True):
            content: Any = tuple(rest)
            if id in self.events:
                expected = "duplicate" if self.events[id] == content else "conflict"
            elif content[0] in self.forgotten:
                expected = "forgotten"
            else:
                expected, self.events[id] = "saved", content
            assert receipt.status == expected

    @rule(user=USERS, age=st.integers(0, 9))
    def put_user(self, user: str, age: int) -> None:
        if user not in self.forgotten:
            self.store.put_user(user, {"age": age})
            self.profiles[user] = {"age": age}

    @rule(item=ITEMS, price=st.integers(0, 9))
    def put_item(self, item: str, price: int) -> None:
        self.store.put_item(Item(item, {"price": price}))
        self.items[item] = (price, False)

    @rule(item=ITEMS)
    def withdraw(self, item: str) -> None:
        held = self.items.get(item)
        assert self.store.withdraw_item(item) == (held is not None and not held[1])
        if held is not None:
            self.items[item] = (held[0], True)

    @rule(user=USERS)
    def forget(self, user: str) -> None:
        gone = self.store.forget(user)
        mine = [id for id, (who, *_) in self.events.items() if who == user]
        assert (gone.events, gone.profile) == (len(mine), user in self.profiles)
        for id in mine:
            del self.events[id]
        self.profiles.pop(user, None)
        self.forgotten.add(user)

    @rule(user=USERS)
    def export(self, user: str) -> None:
        whole = self.store.export(user)
        assert [each.id for each in whole.events] == self._history(user)
        assert whole.profile == self.profiles.get(user)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = self._opened()

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "store"):
            return
        for user in ("ann", "bob", "cleo"):
            assert [each.id for each in self.store.history(user)] == self._history(user)
            assert self.store.is_forgotten(user) == (user in self.forgotten)
        log = self.store.events_after(0)
        assert {each.id: (each.user, each.item, each.time) for each in log} == self.events
        assert [each.seq for each in log] == sorted(each.seq for each in log)
        held = {item.id: (item.attributes["price"], item.withdrawn) for item in self.store.items_after(0)}
        assert held == self.items
        head, self.head = self.head, self.store.head()
        assert head <= self.head

    def _history(self, user: str) -> list[str]:
        mine = [(time, id) for id, (who, _, time) in self.events.items() if who == user]
        return [id for _, id in sorted(mine)]

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
