import numpy as np
import polars as pl
import pytest

from motet.errors import ProjectError
from motet.schema import TEST, TRAIN, VALID, Interest, Tags
from motet.tasks.interest import InterestKind, topics_before
from tasks._tiny import EVENT_KEYS, divided, events

ITEMS = pl.DataFrame(
    {"id": list("abcdef"), "topics": [["x"], ["y"], ["x", "z"], None, ["w"], ["v"]], "price": [1.0, 2, 3, 4, 5, None]}
)
TABLE = {"rows": ITEMS, "id": "id", "columns": {"topics": "tags", "price": "number"}}
ROWS = [("u", item, time) for time, item in enumerate("abcdef")]


def made(column="items.topics", horizon=2, rows=ROWS, split="leave_one_out", more=()):
    task = Interest(kind="interest", name="interest", column=column, horizon=horizon)
    tables = {"events": {"rows": events(rows), **EVENT_KEYS}, "items": TABLE}
    division = divided(tables, [task, *more], split={"kind": split})
    return InterestKind().examples(division.project.tasks["interest"], division), division


def test_the_label_is_the_union_over_the_horizon_within_the_part():
    examples, _ = made()
    found = {int(row): sorted(label) for row, label in zip(examples.row_n, examples.label, strict=True)}
    assert found == {0: ["x", "y"], 1: ["x", "y", "z"], 2: ["x", "z"], 4: ["w"], 5: ["v"]}  # d alone is unknown
    assert examples.part_n.tolist() == [TRAIN, TRAIN, TRAIN, VALID, TEST]
    assert examples.cut_n.tolist() == [0, 1, 2, 4, 5]
    assert examples.counts == {"unknown label": 1}


def test_one_anchor_per_basket_under_a_split_by_time():
    rows = [("u", item, day) for day in range(10) for item in "ab"]
    examples, _ = made(rows=rows, split="time", horizon=2)
    assert examples.row_n.tolist() == list(range(0, 20, 2))
    assert all(sorted(label) == ["x", "y"] for label in examples.label)


def test_users_do_not_run_into_one_another():
    examples, _ = made(rows=[("u", "a", 1), ("v", "b", 1), ("v", "c", 2)], horizon=9)
    assert examples.label.list.sort().to_list() == [["x"], ["x", "y", "z"], ["x", "z"]]


def test_cells_that_an_item_task_holds_out_are_unknown():
    held = Tags(name="topics", table="items", column="topics", split={"fractions": [0.0, 0.0, 1.0]})
    examples, _ = made(more=[held])
    assert len(examples) == 0


def test_few_numbers_are_names_and_many_are_ranges():
    examples, _ = made(column="items.price", horizon=1)
    assert examples.label.to_list()[:4] == [["1"], ["2"], ["3"], ["4"]]
    rows = [(f"u{k % 40}", f"i{k}", k) for k in range(400)]
    items = pl.DataFrame({"id": [f"i{k}" for k in range(400)], "price": np.arange(400) / 8})
    division = divided(
        {
            "events": {"rows": events(rows), **EVENT_KEYS},
            "items": {"rows": items, "id": "id", "columns": {"price": "number"}},
        },
        [Interest(kind="interest", column="items.price", horizon=1)],
    )
    examples = InterestKind().examples(division.project.tasks["interest"], division)
    price = examples.row_n  # events are sorted by user, so look the price up again
    shown = division.tables.frame("events")["@item"].gather(price).str.strip_prefix("i").cast(pl.Float64) / 8
    for value, (label,) in zip(shown, examples.label, strict=True):
        low, high = map(float, label.split("–"))
        assert (
            low <= value < high
            or (low <= value and high == max(float(n[0].split("–")[1]) for n in examples.label))
            or value < low
        )
    assert examples.label.explode().n_unique() == 10


def test_topics_before_looks_back_only():
    examples, division = made()
    question, name, count = topics_before(division.project.tasks["interest"], division, examples, np.arange(5), last=2)
    assert count.tolist() == [0, 1, 2, 2, 2]
    assert list(zip(question.tolist(), name.to_list(), strict=True)) == [
        (1, "x"),
        (2, "x"),
        (2, "y"),
        (3, "x"),
        (3, "z"),
        (4, "w"),
    ]


def test_a_text_or_unknown_column_is_refused_with_the_known_ones():
    with pytest.raises(ProjectError, match=r"items\.topics"):
        made(column="items.topic")
