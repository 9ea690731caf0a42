import polars as pl
import pytest

from motet.errors import ProjectError
from motet.schema import TEST, TRAIN, VALID, NextItem
from motet.tasks.next_item import NextItemKind
from tasks._tiny import EVENT_KEYS, divided, events

ROWS = [("u", "a", 1), ("u", "b", 2), ("u", "a", 3), ("u", "c", 4), ("u", "z", 5), ("v", "a", 1), ("v", "c", 2)]


def examples_of(rows, split="leave_one_out", repeats="mask"):
    division = divided(
        {"events": {"rows": events(rows), **EVENT_KEYS}}, [NextItem(repeats=repeats)], split={"kind": split}
    )
    return NextItemKind().examples(division.project.tasks["next_item"], division), division


def test_last_two_events_are_held_out_and_unseen_targets_are_misses():
    examples, division = examples_of(ROWS)
    names = [division.events.items[i] if i >= 0 else None for i in examples.label]
    assert names == ["a", "b", "c", None, "a", "c"]  # u's second a is a repeat; z is outside the catalogue
    assert examples.part_n.tolist() == [TRAIN, TRAIN, VALID, TEST, TRAIN, TRAIN]
    assert examples.cut_n.tolist() == [0, 1, 3, 4, 0, 1]
    assert examples.unit.to_list() == ["u"] * 4 + ["v"] * 2
    assert examples.counts == {"repeated targets": 1, "targets outside the catalogue (kept as misses)": 1}
    assert examples.output == "ranking" and examples.sources == ("history",) and examples.item_n is None


def test_repeats_stay_where_they_are_allowed():
    examples, _ = examples_of(ROWS, repeats="allow")
    assert len(examples) == len(ROWS)
    assert "repeated targets" not in examples.counts


def test_a_history_ends_before_the_basket_of_its_target():
    rows = [("u", item, day) for day in range(10) for item in (f"i{day}", f"j{day}")]
    examples, division = examples_of(rows, split="time")
    assert examples.cut_n.tolist() == [2 * (n // 2) for n in range(20)]
    assert (examples.now_n == division.events.time_N).all()


def test_the_same_item_twice_in_one_basket_is_one_question():
    rows = [("u", "a", day) for day in (1, 1)] + [("u", f"i{day}", day) for day in range(2, 12)]
    examples, _ = examples_of(rows, split="time", repeats="allow")
    assert examples.counts["targets twice in one basket"] == 1


def test_events_without_an_item_are_no_targets():
    examples, _ = examples_of([*ROWS, ("v", None, 0)])
    assert len(examples) == 6 and examples.coverage == 7 / 8


def test_tables_other_than_events_are_refused():
    people = {"rows": pl.DataFrame({"id": ["a"], "x": ["b"]}), "id": "id", "columns": {"x": "category"}}
    division = divided({"people": people}, [NextItem(table="people")], split={"kind": "random"})
    with pytest.raises(ProjectError, match="needs events"):
        NextItemKind().examples(division.project.tasks["next_item"], division)
