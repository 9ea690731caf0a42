from __future__ import annotations

import numpy as np
import pytest

from motet.data.hashing import fraction
from motet.errors import ProjectError

from ._small import divided, events, table

ROWS = 400
NAMES = [f"p{number}" for number in range(ROWS)]
CATEGORY = {"meaning": "category"}
ITEMS = table(
    {"i": NAMES, "brand": NAMES, "kind": NAMES, "colour": NAMES},
    id="i",
    columns=dict.fromkeys(["brand", "kind", "colour"], CATEGORY),
)
OWN = {"fractions": [0.9, 0.05, 0.05]}


def of(column, table="items", kind="class", **more):
    return {"kind": kind, "table": table, "column": column, **more}


def held(found, task):
    return found.task_parts[task] > 0


def test_held_out_cells_are_blank_for_everyone():
    found = divided({"items": ITEMS}, {"brand": of("brand")})
    truth = found.tables.frame("items")["brand"]
    assert truth.null_count() == 0
    assert found.inputs["items"]["brand"].is_null().to_list() == held(found, "brand").tolist()
    assert found.inputs["items"]["colour"].null_count() == 0


def test_an_own_split_goes_by_the_fraction_of_the_key():
    found = divided({"items": ITEMS}, {"brand": of("brand", split=OWN)})
    place = fraction(found.tables.frame("items")["@id"])
    assert found.task_parts["brand"].tolist() == np.select([place < 0.9, place < 0.95], [0, 1], 2).tolist()
    assert found.inputs["items"]["brand"].is_null().to_list() == (place >= 0.9).tolist()


def test_nobody_trains_on_a_row_that_another_task_holds_out():
    found = divided({"items": ITEMS}, {"brand": of("brand", split=OWN), "kind": of("kind"), "colour": of("colour")})
    for task in found.task_parts:
        for other in found.task_parts:
            assert not ((found.task_parts[task] == 0) & held(found, other)).any()
    assert (found.task_parts["kind"] == -1).any() and (found.task_parts["brand"] == -1).any()
    assert (found.task_parts["kind"][~held(found, "brand")] == found.parts["items"][~held(found, "brand")]).all()


def test_tasks_that_share_a_column_blank_the_union():
    found = divided({"items": ITEMS}, {"one": of("brand"), "two": of("brand", kind="tags", split=OWN)})
    both = held(found, "one") | held(found, "two")
    assert found.inputs["items"]["brand"].is_null().to_list() == both.tolist()
    assert not (found.task_parts["one"][both] == 0).any()
    assert not (found.task_parts["two"][both] == 0).any()


def test_an_unknown_label_holds_nothing_out():
    sparse = table(
        {"i": NAMES, "brand": [None] * ROWS, "kind": NAMES}, id="i", columns={"brand": CATEGORY, "kind": CATEGORY}
    )
    found = divided({"items": sparse}, {"brand": of("brand", split=OWN), "kind": of("kind")})
    assert found.task_parts["kind"].tolist() == found.parts["items"].tolist()
    swapped = divided({"items": sparse}, {"brand": of("brand"), "kind": of("kind", split=OWN)})
    assert not (swapped.task_parts["kind"] == -1).any()


def test_an_own_split_alone_on_the_events_respects_their_split():
    found = divided(shop(), {"stars": of("stars", "events", "rating", split=OWN)}, split={"kind": "leave_one_out"})
    assert not (found.task_parts["stars"][found.events.part_N > 0] == 0).any()


def shop(**more):
    rows = [(f"u{number % 20}", f"p{number}", number) for number in range(ROWS)]
    described = events(*rows, columns={"stars": "number"})
    described["data"]["stars"] = [float(number % 5) for number in range(ROWS)]
    return {"events": described, **more}


def test_event_cells_held_out_by_time_are_no_inputs_of_their_row_but_stay_in_the_past():
    found = divided(shop(), {"next": {"kind": "next_item"}, "stars": of("stars", "events", "rating")})
    truth = found.tables.frame("events")
    assert found.inputs["events"]["stars"].is_null().to_list() == held(found, "stars").tolist()
    assert held(found, "stars").any() and found.past.equals(truth)
    assert found.inputs["events"].drop("stars").equals(truth.drop("stars"))
    assert found.task_parts["stars"].tolist() == found.events.part_N.tolist() == found.parts["events"].tolist()


def test_event_cells_held_out_by_hash_are_blank():
    found = divided(shop(), {"stars": of("stars", "events", "rating")}, split={"kind": "random"})
    blank = (found.events.part_N > 0).tolist()
    assert found.inputs["events"]["stars"].is_null().to_list() == blank
    assert found.past["stars"].is_null().to_list() == blank


def test_an_own_split_on_events_never_trains_on_what_the_events_hold_out():
    tasks = {"next": {"kind": "next_item"}, "stars": of("stars", "events", "rating", split=OWN)}
    found = divided(shop(), tasks)
    late = found.events.part_N > 0
    assert late.sum() == 40
    assert not (found.task_parts["stars"][late] == 0).any()
    assert (found.task_parts["stars"] == -1).any()
    blank = found.inputs["events"]["stars"].is_null().to_numpy()
    assert blank.tolist() == held(found, "stars").tolist() == found.past["stars"].is_null().to_list()
    assert (found.task_parts["next"][blank & ~late] == -1).all()
    assert found.events.part_N[blank & ~late].max() == 0


def test_the_past_keeps_what_time_holds_out_beside_a_task_of_its_own_split():
    tasks = {"stars": of("stars", "events", "rating"), "many": of("stars", "events", "number", split=OWN)}
    found = divided(shop(), tasks)
    assert found.past["stars"].is_null().to_list() == held(found, "many").tolist()
    assert found.inputs["events"]["stars"].is_null().to_list() == (held(found, "many") | held(found, "stars")).tolist()


def test_without_events_there_is_no_past():
    assert divided({"items": ITEMS}, {"brand": of("brand")}).past is None


def test_interests_hold_no_item_cells_out():
    tasks = {"interest": of("items.colour", kind="interest", table="events")}
    found = divided(shop(items=ITEMS), tasks, split={"kind": "leave_one_out"})
    assert found.inputs["items"]["colour"].null_count() == 0
    assert found.task_parts["interest"].tolist() == found.events.part_N.tolist()


def test_an_own_split_needs_cells_of_a_row():
    with pytest.raises(ProjectError, match=r"\[tasks.next\]"):
        divided(shop(), {"next": {"kind": "next_item", "split": OWN}})


def test_rows_that_follow_events_are_blank_like_hashed_rows():
    stars = [float(number) for number in range(40)]
    known, strangers = ["u0"] * 20, ["stranger"] * 20
    reviews = table(
        {"u": known + strangers, "i": ["x"] * 40, "t": [ROWS] * 40, "stars": stars},
        user="u", item="i", time="t", columns={"stars": "number"},
    )  # fmt: skip
    found = divided(shop(reviews=reviews), {"next": {"kind": "next_item"}, "stars": of("stars", "reviews", "number")})
    blank = found.inputs["reviews"]["stars"].is_null().to_numpy()
    assert (found.parts["reviews"][:20] == 2).all() and blank[:20].all()
    assert blank[20:].tolist() == (found.parts["reviews"][20:] > 0).tolist()
    assert blank[20:].any()
