"""What may be a mistake is named; what only looks unusual is not."""

import numpy as np
import polars as pl
import pytest

from motet.data import read_tables
from motet.data.check import lone_grades
from motet.data.guess_keys import ColumnGuess, TableGuess
from motet.data.guess_tasks import guess_tasks
from motet.data.oddities import oddities
from motet.data.profile import Profile
from motet.schema import Project

N, START = 400, 1_600_000_000


def shop(**changed: dict[int, object]) -> list[str]:
    """Return the oddities of a sound shop in which some cells of the events are changed: column → row → cell."""
    cells = {
        "user": [f"u{n % 40}" for n in range(N)],
        "item": [f"i{n % 9}" for n in range(N)],
        "time": [START + 86_400 * (n // 4) for n in range(N)],
        "stars": [n % 5 + 1 for n in range(N)],
    }
    for column, rows in changed.items():
        for row, cell in rows.items():
            cells[column][row] = cell  # type: ignore[call-overload]
    frames = {
        "events": pl.DataFrame(cells),
        "items": pl.DataFrame({"item": [f"i{n}" for n in range(9)], "price": np.arange(9.0)}),
        "users": pl.DataFrame({"user": [f"u{n}" for n in range(40)], "age": np.arange(40.0)}),
    }
    keys = {
        "events": {"user": "user", "item": "item", "time": "time", "columns": {"stars": "number"}},
        "items": {"id": "item", "columns": {"price": "number"}},
        "users": {"id": "user", "columns": {"age": "number"}},
    }
    project = Project.model_validate(
        {
            "project": {"name": "shop"},
            "tables": {name: {"frame": frame, **keys[name]} for name, frame in frames.items()},
            "tasks": {"rating": {"kind": "rating", "column": "stars"}},
        }
    )
    return [each.message for each in oddities(project, read_tables(project))]


def test_a_sound_shop_has_none() -> None:
    assert shop() == []


def test_items_and_users_that_no_table_lists() -> None:
    (items,) = shop(item={3: "GONE", 7: "GONE", 9: "LOST"})
    assert items.startswith("2 of 11 items of 'events' are not in 'items' (3 rows, known by events alone")
    assert items.endswith(": 'GONE', 'LOST'")
    (users,) = shop(user={3: "nobody"})
    assert users == "1 of 41 users of 'events' is not in 'users' (1 row): 'nobody'"


@pytest.mark.parametrize(("moment", "said"), [(-5, "1969-12-31"), (0, "1970-01-01"), (40_000_000_000, "3237-07-19")])
def test_moments_that_cannot_be(moment: int, said: str) -> None:
    assert shop(time={5: moment}) == [f"1 moment is far from all others in 'events.time': {said}"]


def test_moments_a_little_before_and_after_are_nothing_odd() -> None:
    assert shop(time={0: START - 100 * 86_400, 1: START + 200 * 86_400}) == []


def test_many_moments_apart_are_a_time_of_their_own() -> None:
    assert shop(time={row: 1_000 + row for row in range(20)}) == []


def test_a_grade_beside_the_scale() -> None:
    assert shop(stars={5: 11}) == ["1 row has a grade apart from all others in 'events.stars': 11"]
    assert shop(stars={5: 6}) == [] and shop(stars={5: 0}) == []


def test_lone_grades_are_counted() -> None:
    usual = [1, 2, 3, 4, 5] * 400
    assert lone_grades(pl.Series("x", [*usual, 11, 11, 50], dtype=pl.Float64)) == {11.0: 2, 50.0: 1}
    assert lone_grades(pl.Series("x", [*usual, *[11] * 20], dtype=pl.Float64)) == {}
    assert lone_grades(pl.Series("x", [1, 2, 3, 11], dtype=pl.Float64)) == {}
    assert lone_grades(pl.Series("x", np.random.default_rng(0).normal(size=1000))) == {}


def test_a_lone_grade_costs_no_task() -> None:
    stars = [str(n % 5 + 1) for n in range(1000)]
    for cells in (stars, [*stars, "11"]):
        table = TableGuess("rows", columns={"stars": ColumnGuess("number", ""), "note": ColumnGuess("text", "")})
        notes = pl.Series(["a few words of no use"] * len(cells))
        table.profiles = {"stars": Profile("stars", pl.Series(cells)), "note": Profile("note", notes)}
        assert {task.name: task.settings.get("at_least") for task in guess_tasks({"rows": table})} == {
            "rating": None,
            "sentiment": 4.0,
        }
