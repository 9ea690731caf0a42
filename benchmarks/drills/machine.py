"""Hypothesis tries to tell a service from a plain dictionary: events, lists, items, deletions, restarts."""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.drills._bench import Bench, Found
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.unit.serve.conftest import ITEMS, Shop, serving

from motet.recommend import UserStates
from motet.recommend.runtime import RUNTIMES
from motet.serve import Bounds
from motet.serve.live import LiveUsers

RUNS, STEPS = 500, 12
BOUNDS = Bounds(follow_seconds=0.02, rate=1e6, burst=1_000_000)


class Place:
    """One service that all runs share; each run has users and event ids of its own, and puts the items anew."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.numbers, self.steps = folder, itertools.count(), 0
        self.stack = ExitStack()
        self.restart()

    def restart(self) -> None:
        """Stop the service and open it again on its store."""
        self.stack.close()
        first, store = self.folder / "models" / "first", self.folder / "log.db"
        self.shop: Shop = self.stack.enter_context(serving(first, bounds=BOUNDS, store=store))


class ServiceMachine(RuleBasedStateMachine):
    """A service beside dictionaries: of events by id, of items that may be shown, and of users who were forgotten."""

    place: Place

    @initialize()
    def begin(self) -> None:
        self.run = next(self.place.numbers)
        self.users = [f"{name}-{self.run}" for name in ("ann", "bob")]
        self.events: dict[str, tuple[str, str]] = {}
        self.shown: dict[str, bool] = {}
        self.forgotten: set[str] = set()
        for item in ITEMS:
            self.put(item, True)

    @rule(batch=st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.sampled_from(ITEMS)), min_size=1, max_size=4))
    def send(self, batch: list[tuple[int, bool, str]]) -> None:
        told = [(f"e{self.run}-{n}", self.users[which], item, 1_700_000_000 + n) for n, which, item in batch]
        sent = [dict(zip(("id", "user", "item", "time"), each, strict=True)) for each in told]
        results = self.place.shop.call("POST", "/v1/events", {"events": sent}).body["events"]
        for result, (id, user, item, _) in zip(results, told, strict=True):
            if id in self.events:
                expected = "duplicate" if self.events[id] == (user, item) else "conflict"
            elif user in self.forgotten:
                expected = "forgotten"
            else:
                expected, self.events[id] = "saved", (user, item)
            assert result["status"] == expected

    @rule(item=st.sampled_from(ITEMS), available=st.booleans())
    def put(self, item: str, available: bool) -> None:
        assert self.place.shop.call("PUT", f"/v1/items/{item}", {"available": available}).status == 200
        self.shown[item] = available

    @rule(item=st.sampled_from(ITEMS))
    def withdraw(self, item: str) -> None:
        assert self.place.shop.call("DELETE", f"/v1/items/{item}").status in (200, 404)
        self.shown[item] = False

    @rule(which=st.booleans())
    def forget(self, which: bool) -> None:
        user = self.users[which]
        mine = [id for id, (who, _) in self.events.items() if who == user]
        found = 200 if mine or user in self.forgotten else 404
        assert self.place.shop.call("DELETE", f"/v1/users/{user}").status == found
        self.forgotten.add(user)  # whoever is asked for is kept out, found or not
        for id in mine:
            del self.events[id]

    @rule(chance=st.integers(0, 4))
    def restart(self, chance: int) -> None:
        if chance == 0:
            self.place.restart()

    @invariant()
    def lists_are_those_of_the_model(self) -> None:
        if not hasattr(self, "events"):
            return
        self.place.steps += 1
        for user in self.users:
            had = {item for who, item in self.events.values() if who == user}
            order = reversed(ITEMS) if had else ["apple", "bread", "cheese", "dates"]  # a stranger's: all alike
            expected = [item for item in order if self.shown[item] and item not in had]
            assert self.place.shop.ids(user=user) == expected, user


def run(bench: Bench) -> Found:
    RUNTIMES["fixed"] = "tests.unit.serve.conftest:FixedRuntime"
    runs = bench.times(RUNS)
    diverged, steps = _diverges(bench, runs)
    with patch.object(LiveUsers, "history", UserStates.history):
        control, _ = _diverges(bench, 20)
    figure = f"{runs} runs, {steps:,} steps, {1 if diverged else 0} divergences{diverged and ': '}{diverged}"
    return Found(not diverged, figure, bool(control), "deaf to the log")


def _diverges(bench: Bench, runs: int) -> tuple[str, int]:
    """Return in what the service differs from the model, or nothing, and how many steps were compared."""
    place = Place(bench.fixed())
    machine: Any = type("Machine", (ServiceMachine,), {"place": place})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    rules = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=checks,
    )
    try:
        run_state_machine_as_test(machine, settings=rules)
    except AssertionError as error:
        return (str(error).splitlines() or ["an assertion"])[0][:100], place.steps
    finally:
        place.stack.close()
    return "", place.steps
