"""What every kind of task promises, whoever wrote it."""

import numpy as np
import polars as pl
import pytest

from motet.data import divide, read_tables
from motet.schema import (
    Binary,
    ClassTask,
    Interest,
    Masked,
    NextItem,
    Number,
    Project,
    Rating,
    Relation,
    Tags,
)
from motet.tasks import TASK_KINDS, examples_of
from motet.testing.contracts.task_kinds import TaskKindContract

DAY = 86_400_000
START = 18_262 * DAY


def _world(kind):
    rng = np.random.default_rng(0)
    rows = [
        (
            f"u{user:02}",
            f"i{rng.integers(30):02}",
            START + (40 * (step // 2) + user) * DAY // 4,
            float(rng.integers(1, 6)),
        )
        for user in range(40)
        for step in range(20)
    ]
    events = pl.DataFrame(rows, schema=["user", "item", "time", "stars"], orient="row")
    events = events.with_columns(event=pl.Series(rng.choice(["view", "buy"], len(rows))))
    items = pl.DataFrame(
        {
            "id": [f"i{n:02}" for n in range(120)],
            "brand": ["a", "b"] * 60,
            "price": rng.random(120),
            "made in": ["x", "y", "z"] * 40,
        }
    )
    items = items.with_columns(kinds=pl.Series([[["x"], ["x", "y"], []][n % 3] for n in range(120)]))
    users = pl.DataFrame(
        {"id": [f"u{n:02}" for n in range(150)], "group": [["a", "b", None][n % 3] for n in range(150)]}
    )
    notes = pl.DataFrame({"words": [f"word {n}" for n in range(200)], "good": [n % 3 == 0 for n in range(200)]})
    friends = pl.DataFrame({"a": [f"u{n % 40:02}" for n in range(150)], "b": [f"u{n // 3:02}" for n in range(150)]})
    wide = {"fractions": [0.5, 0.25, 0.25]}
    tasks = [
        NextItem(),
        NextItem(name="again", repeats="allow"),
        Binary(name="buy", column="event", positive=["buy"]),
        Binary(name="drawn", column="event", positive=["buy"], negatives="sampled"),
        Rating(name="stars", column="stars"),
        Interest(kind="interest", name="interest", column="items.kinds", horizon=3),
        ClassTask(name="brand", table="items", column="brand", split=wide),
        Tags(name="kinds", table="items", column="kinds", split=wide),
        Number(name="price", table="items", column="price", split=wide),
        ClassTask(name="group", table="users", column="group", split=wide),
        Binary(name="good", table="notes", column="good"),
        Relation(name="friend", table="friends", split=wide),
        Masked(name="said", table="notes", column="words"),
        Masked(name="left out", table="items", column="made in"),
    ]
    if kind == "time":
        tasks.append(Number(name="sum", column="stars", aggregate="sum", window="8d"))
    project = Project(
        tables={
            "events": {
                "frame": events,
                "user": "user",
                "item": "item",
                "time": "time",
                "columns": {"event": "behaviour", "stars": "number"},
            },
            "items": {
                "frame": items,
                "id": "id",
                "columns": {"brand": "category", "price": "number", "kinds": "tags", "made in": "category"},
            },
            "users": {"frame": users, "id": "id", "columns": {"group": "category"}},
            "friends": {"frame": friends, "user": "a", "other": "b"},
            "notes": {"frame": notes, "columns": {"words": "text", "good": "flag"}},
        },
        tasks=tasks,
        split={"kind": kind},
    )
    return divide(project, read_tables(project))


WORLDS = {kind: _world(kind) for kind in ("leave_one_out", "last_fraction", "time", "random")}
CASES = [(kind, task) for kind, division in WORLDS.items() for task in division.project.tasks]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def case(request):
    kind, task = request.param
    division = WORLDS[kind]
    return division, lambda: examples_of(division.project.tasks[task], division)


def test_every_registered_kind_is_tried():
    tried = {task.kind for division in WORLDS.values() for task in division.project.tasks.values()}
    assert set(TASK_KINDS.names()) <= tried


class TestTaskKinds(TaskKindContract):
    pass
