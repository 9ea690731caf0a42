"""Users, items and further tables: which sources, which history, which unit."""

import polars as pl
import pytest

from motet.errors import ProjectError
from motet.schema import TEST, Binary, ClassTask, Number, Rating, Tags
from motet.tasks.binary import BinaryKind
from motet.tasks.class_ import ClassKind
from motet.tasks.number import NumberKind
from motet.tasks.rating import RatingKind
from motet.tasks.tags import TagsKind
from tasks._tiny import EVENT_KEYS, divided, events

ROWS = [
    (f"u{user}", f"i{(user + time) % 9}", time, float(1 + (user * time) % 5)) for user in range(40) for time in range(5)
]
EVENTS = {"rows": events(ROWS, "stars"), **EVENT_KEYS, "columns": {"stars": "number"}}
USERS = {
    "rows": pl.DataFrame({"id": [f"u{u}" for u in range(45)], "group": ["x", "y", None] * 15}),
    "id": "id",
    "columns": {"group": "category"},
}
ITEMS = {
    "rows": pl.DataFrame(
        {
            "id": [f"i{i}" for i in range(12)],
            "brand": ["b", "c"] * 6,
            "kinds": [["p", "p"], []] * 6,
            "price": [1.5, 2.0] * 6,
        }
    ),
    "id": "id",
    "columns": {"brand": "category", "kinds": "tags", "price": "number"},
}


def made(kind, task, **tables):
    division = divided({"events": EVENTS, **tables}, [task], split={"kind": "leave_one_out"})
    return kind().examples(division.project.tasks[task.name], division), division


def test_profiles_see_training_events_and_at_test_time_validation_too():
    examples, division = made(ClassKind, ClassTask(name="t", table="users", column="group"), users=USERS)
    assert examples.sources == ("history",) and examples.now_n is None
    for n, unit in enumerate(examples.unit):
        known = int(unit[1:]) < 40  # five events each: three to train on, one and one held out
        assert examples.cut_n[n] == (0 if not known else 4 if examples.part_n[n] == TEST else 3)
        assert division.events.users[int(examples.user_n[n])] == unit
    assert examples.coverage == pytest.approx(2 / 3) and examples.counts == {"unknown label": 15}


def test_items_are_asked_by_their_place_in_the_catalogue():
    examples, division = made(ClassKind, ClassTask(name="t", table="items", column="brand"), items=ITEMS)
    assert examples.sources == ("item",) and examples.user_n is None
    assert division.events.items.gather(examples.item_n).to_list() == examples.unit.to_list()
    assert examples.label.to_list() == ["b", "c"] * 6


def test_tags_lose_repeats_and_empty_rows():
    examples, _ = made(TagsKind, Tags(name="t", table="items", column="kinds"), items=ITEMS)
    assert examples.label.to_list() == [["p"]] * 6


def test_numbers_of_items():
    examples, _ = made(NumberKind, Number(name="t", table="items", column="price"), items=ITEMS)
    assert examples.output == "number" and examples.label.to_list() == [1.5, 2.0] * 6


def test_ratings_are_ordinal_up_to_twenty_values():
    examples, _ = made(RatingKind, Rating(name="t", column="stars"))
    assert examples.output == "ordinal" and examples.sources == ("history", "item")
    rows = [(*row[:3], row[3] + k / 100) for k, row in enumerate(ROWS)]
    fine = {**EVENTS, "rows": events(rows, "stars")}
    examples, _ = made(RatingKind, Rating(name="t", column="stars"), events=fine)
    assert examples.output == "number"


def test_numbers_and_flags_become_names():
    rows = pl.DataFrame({"text": list("abc"), "n": [4.0, 4.5, None], "f": [True, False, None]})
    table = {"rows": rows, "columns": {"text": "text", "n": "number", "f": "flag"}}
    examples, _ = made(ClassKind, ClassTask(name="t", table="notes", column="n"), notes=table)
    assert examples.label.to_list() == ["4", "4.5"]
    examples, _ = made(ClassKind, ClassTask(name="t", table="notes", column="f"), notes=table)
    assert examples.label.to_list() == ["true", "false"]


REVIEWS = pl.DataFrame(
    {
        "user": ["u0", "u0", "u1", None, "nobody"],
        "item": ["i0", "i1", "i2", "gone", "i3"],
        "time": [0, 3, 2, 1, 4],
        "words": list("abcde"),
        "age": [1.0, 2.0, 3.0, 4.0, 5.0],
        "good": [True, False, True, True, False],
    }
)
COLUMNS = {"words": "text", "age": "number", "good": "flag"}
KEYS = {"user": "user", "item": "item", "time": "time"}


def reviewed(task_fields=None, columns=COLUMNS, keys=KEYS):
    used = REVIEWS.select(*keys.values(), *columns)
    table = {"rows": used, **keys, "columns": columns}
    task = Binary(name="t", table="reviews", column="good", **(task_fields or {}))
    examples, division = made(BinaryKind, task, reviews=table)
    order = pl.Series(examples.row_n).arg_sort()
    return examples, division, order


def test_texts_are_shown_alone_unless_more_is_asked_for():
    assert reviewed()[0].sources == ("text",)
    assert reviewed({"inputs": ("item", "user", "age")})[0].sources == ("history", "item", "text", "row")
    assert reviewed({"text": (), "inputs": ("age",)}, keys={})[0].sources == ("row",)


def test_tables_without_text_show_all_they_have():
    plain = {"age": "number", "good": "flag"}
    assert reviewed(columns=plain, keys={})[0].sources == ("row",)
    assert reviewed(columns=plain, keys={"user": "user", "time": "time"})[0].sources == ("history", "row")
    assert reviewed(columns={"good": "flag"}, keys={"user": "user", "time": "time"})[0].sources == ("history",)


def test_a_row_sees_strictly_earlier_events_of_its_own_or_earlier_parts():
    examples, division, _ = reviewed({"inputs": ("user",)})
    cut = dict(zip(examples.row_n.tolist(), examples.cut_n.tolist(), strict=True))
    part = dict(zip(examples.row_n.tolist(), examples.part_n.tolist(), strict=True))
    leading = {0: 3, 1: 4, 2: 5}
    assert cut[0] == 0 and cut[3] == 0 and cut[4] == 0
    assert cut[1] == min(3, leading[part[1]]) and cut[2] == min(2, leading[part[2]])
    assert examples.user_n[examples.row_n == 3] == -1


def test_units_are_users_and_rows_without_a_user_stand_alone():
    examples, _, order = reviewed()
    assert examples.unit.gather(order).to_list() == ["u0", "u0", "u1", "row 3", "nobody"]
    examples, _, order = reviewed(keys={})
    assert examples.unit.gather(order).to_list() == ["0", "1", "2", "3", "4"]


def test_items_outside_the_catalogue_are_unknown():
    examples, _, _ = reviewed({"inputs": ("item",)})
    assert examples.item_n[examples.row_n == 3] == -1


def test_wrong_names_are_answered_with_the_near_ones():
    with pytest.raises(ProjectError, match="Did you mean 'age'"):
        reviewed({"inputs": ("agee",)})
    with pytest.raises(ProjectError, match="Did you mean 'words'"):
        reviewed({"text": ("word",)})
    with pytest.raises(ProjectError, match="nothing to look at"):
        reviewed(columns={"good": "flag"}, keys={})


def test_the_wrong_meaning_is_refused_with_the_right_one():
    with pytest.raises(ProjectError, match='kind = "tags"'):
        made(ClassKind, ClassTask(name="t", table="items", column="kinds"), items=ITEMS)
    with pytest.raises(ProjectError, match="needs numbers"):
        made(NumberKind, Number(name="t", table="items", column="brand"), items=ITEMS)


def test_tables_without_events_are_plain_rows():
    division = divided({"items": ITEMS}, [ClassTask(name="t", table="items", column="brand")])
    examples = ClassKind().examples(division.project.tasks["t"], division)
    assert examples.sources == ("row",) and examples.unit[0] == "i0"
