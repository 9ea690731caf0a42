"""What every kind of task promises, whoever wrote it."""

import numpy as np
import polars as pl
import pytest

from motet.data import divide, read_tables
from motet.schema import (
    TEST,
    TRAIN,
    VALID,
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
    return division, examples_of(division.project.tasks[task], division)


def test_every_registered_kind_is_tried():
    tried = {task.kind for division in WORLDS.values() for task in division.project.tasks.values()}
    assert set(TASK_KINDS.names()) <= tried


def test_arrays_are_aligned_and_labels_known(case):
    division, examples = case
    n = len(examples)
    arrays = [examples.row_n, examples.part_n, examples.label, examples.unit]
    arrays += [each for each in (examples.user_n, examples.cut_n, examples.now_n, examples.item_n) if each is not None]
    assert all(len(each) == n for each in arrays)
    assert not examples.label.has_nulls() and not examples.unit.has_nulls()
    types = {"binary": pl.Boolean, "class": pl.String, "tags": pl.List(pl.String), "ranking": pl.Int64}
    assert examples.label.dtype == types.get(examples.output, pl.Float64)
    assert examples.unit.dtype == pl.String
    helper = division.project.tasks[examples.task].auxiliary
    assert set(examples.part_n.tolist()) == ({TRAIN} if helper else {TRAIN, VALID, TEST})
    assert 0 < examples.coverage <= 1
    assert (examples.user_n is None) == (examples.cut_n is None) == ("history" not in examples.sources)
    assert (examples.item_n is None) == ("item" not in examples.sources)
    assert (examples.other_n is None) == (examples.other_cut_n is None) == ("other" not in examples.sources)


def test_rows_keep_the_part_that_the_split_gave_them(case):
    division, examples = case
    rows = examples.row_n >= 0
    parts = division.task_parts[examples.task]
    assert (parts[examples.row_n[rows]] == examples.part_n[rows]).all()


def test_histories_hold_neither_the_target_nor_its_basket_nor_later_parts(case):
    division, examples = case
    for user_n, cut_n in ((examples.user_n, examples.cut_n), (examples.other_n, examples.other_cut_n)):
        if user_n is not None:
            _end_in_time(division.events, examples, user_n, cut_n)
    if examples.user_n is None:
        return
    events = division.events
    end = events.starts[np.maximum(examples.user_n, 0)] + examples.cut_n
    if examples.table == "events" and (examples.row_n >= 0).all():
        assert (end <= events.basket_N[examples.row_n]).all()
    if examples.now_n is not None and division.boundaries is not None:
        some = examples.cut_n > 0
        assert (events.time_N[end[some] - 1] < examples.now_n[some]).all()


def _end_in_time(events, examples, user_n, cut_n):
    start = events.starts[np.maximum(user_n, 0)]
    end = start + cut_n
    assert (cut_n >= 0).all() and (end <= events.starts[np.maximum(user_n, 0) + 1]).all()
    some = cut_n > 0
    assert (events.part_N[end[some] - 1] <= examples.part_n[some]).all()


def test_indices_point_into_the_catalogue_and_the_users(case):
    division, examples = case
    users, items = division.events.users, division.events.items
    for index, ids in ((examples.user_n, users), (examples.other_n, users), (examples.item_n, items)):
        assert index is None or (index.min() >= -1 and index.max() < len(ids))


def test_the_same_division_gives_the_same_examples(case):
    division, examples = case
    again = examples_of(division.project.tasks[examples.task], division)
    for name in ("row_n", "user_n", "cut_n", "now_n", "item_n", "other_n", "other_cut_n", "part_n"):
        assert np.array_equal(getattr(examples, name), getattr(again, name)), name
    assert examples.label.equals(again.label) and examples.unit.equals(again.unit)
