"""A small world in which each baseline has something to find."""

import numpy as np
import polars as pl
import pytest

from motet.data import divide, read_tables
from motet.schema import Binary, ClassTask, Interest, NextItem, Number, Project, Rating, Tags

NUM_USERS, NUM_ITEMS, LENGTH = 60, 20, 8


def _events() -> pl.DataFrame:
    """Everyone walks around a ring of items; a third of the stars is the item's, a third the user's."""
    rng = np.random.default_rng(3)
    rows = [
        (
            f"u{user:02}",
            f"i{(user + step) % NUM_ITEMS:02}",
            step,
            1.0 + (user % 3) + (user + step) % 2 + rng.integers(2),
        )
        for user in range(NUM_USERS)
        for step in range(LENGTH)
    ]
    return pl.DataFrame(rows, schema=["user", "item", "time", "stars"], orient="row")


def _items() -> pl.DataFrame:
    kinds = ["soap", "lamp"]
    return pl.DataFrame(
        {
            "id": [f"i{n:02}" for n in range(NUM_ITEMS)],
            "title": [f"{kinds[n % 2]} number {n}" for n in range(NUM_ITEMS)],
            "kinds": [[kinds[n % 2], "thing"] for n in range(NUM_ITEMS)],
        }
    )


def _reviews() -> pl.DataFrame:
    words = [["dreadful thing", "poor thing", "fine thing", "lovely thing"][n % 4] for n in range(300)]
    return pl.DataFrame(
        {
            "words": [f"{text} {n}" for n, text in enumerate(words)],
            "good": [n % 4 >= 2 for n in range(300)],
            "grade": [float(n % 4) for n in range(300)],
            "mark": [100.0 + 10 * (n % 4) for n in range(300)],
            "word": [text.split()[0] for text in words],
            "both": [text.split() for text in words],
        }
    )


def _people() -> pl.DataFrame:
    rng = np.random.default_rng(5)
    age, job = rng.normal(40, 10, 600), rng.integers(3, size=600)
    rich = (age > 40) ^ (job == 2)  # neither column tells alone
    return pl.DataFrame(
        {
            "age": [None if n % 50 == 0 else float(value) for n, value in enumerate(age)],
            "job": [["smith", "baker", None][code] for code in job],
            "rich": rich,
            "pay": 100 * rich + 10.0 * job,
        }
    )


@pytest.fixture(scope="session")
def world():
    project = Project(
        tables={
            "events": {
                "frame": _events(),
                "user": "user",
                "item": "item",
                "time": "time",
                "columns": {"stars": "number"},
            },
            "items": {"frame": _items(), "id": "id", "columns": {"title": "text", "kinds": "tags"}},
            "reviews": {
                "frame": _reviews(),
                "columns": {
                    "words": "text",
                    "good": "flag",
                    "grade": "number",
                    "mark": "number",
                    "word": "category",
                    "both": "tags",
                },
            },
            "people": {
                "frame": _people(),
                "columns": {"age": "number", "job": "category", "rich": "flag", "pay": "number"},
            },
        },
        tasks=[
            NextItem(),
            NextItem(name="again", repeats="allow"),
            Rating(name="stars", column="stars"),
            Number(name="points", column="stars"),
            Binary(name="fond", column="stars", at_least=4),
            Interest(kind="interest", name="interest", column="items.kinds", horizon=1),
            Tags(name="kinds", table="items", column="kinds", split={"fractions": [0.6, 0.2, 0.2]}),
            Binary(name="good", table="reviews", column="good"),
            Rating(name="grade", table="reviews", column="grade"),
            Number(name="mark", table="reviews", column="mark"),
            ClassTask(name="word", table="reviews", column="word"),
            Tags(name="both", table="reviews", column="both"),
            Binary(name="rich", table="people", column="rich"),
            Number(name="pay", table="people", column="pay"),
        ],
        split={"kind": "leave_one_out"},
    )
    return divide(project, read_tables(project))
