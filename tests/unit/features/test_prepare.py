"""Statistics come from training rows alone, and cells that are held out are blank for everyone."""

import json

import numpy as np
import polars as pl
import pytest

import motet
from motet.features.columns import MISSING
from motet.schema import EVENTS, ITEMS, TEST, TRAIN
from motet.testing import tiny_shop
from motet.testing.study import tiny_study
from motet.workflow import check, prepare


def fitted(study):
    """Everything that was fitted, as one comparable value."""
    fields, arrays = study.features.state.to_parts()
    words = {} if study.encoder is None else study.encoder.state()
    arrays |= {f"encoder/{name}": np.asarray(value) for name, value in words.items()}
    return json.dumps(fields), {name: array.tobytes() for name, array in arrays.items()}


def changed(study, table, part, **cells):
    """The shop's tables with cells of every row of a part replaced; events are found by user and time."""
    frames = tiny_shop()
    keys = ["user", "time", "item"] if table in (EVENTS, "reviews") else [frames[table].columns[0]]
    names = {"user": "@user", "time": "@time", "item": "@item"}
    held = study.division.tables.frame(table).filter(pl.Series(part))
    if len(keys) == 1:
        held = held.select(pl.col("@id").alias(keys[0]))
    else:
        held = held.select(**{key: pl.col(names[key]) for key in keys}).with_columns(pl.col("time") // 1_000)
    held = held.with_columns(chosen=pl.lit(True))
    frame = frames[table].join(held, on=keys, how="left", maintain_order="left", nulls_equal=True)
    frame = frame.with_columns(
        pl.when("chosen")
        .then(value if isinstance(value, pl.Expr) else pl.lit(value, dtype=frame.schema[name]))
        .otherwise(pl.col(name))
        .alias(name)
        for name, value in cells.items()
    )
    assert frame["chosen"].sum() == int(np.sum(part)) > 1
    return {**frames, table: frame.drop("chosen")}


CELLS = {
    "events": {
        "event": pl.col("event").replace({"view": "odd"}),
        "rating": pl.col("rating") + 9,
        "query": "zebra zebra",
    },
    "reviews": {"text": "zebra quagga", "recommended": ~pl.col("recommended"), "stars": 99},
}


@pytest.mark.parametrize("table", CELLS)
def test_held_out_rows_teach_nothing(study, table):
    part = study.division.parts[table]
    again = tiny_study(changed(study, table, part == TEST, **CELLS[table]))
    assert fitted(again) == fitted(study)
    assert fitted(tiny_study(changed(study, table, part == TRAIN, **CELLS[table]))) != fitted(study)


def test_held_out_events_teach_nothing_even_where_no_task_is_about_events():
    before = tiny_study(tasks=("club",))
    held = before.division.parts[EVENTS] == TEST
    again = tiny_study(changed(before, EVENTS, held, **CELLS["events"]), tasks=("club",))
    assert fitted(again) == fitted(before)


def test_rows_that_a_task_of_its_own_split_holds_out_teach_nothing():
    settings = {"tasks": {"sentiment": {"kind": "binary", "table": "reviews", "column": "recommended"}}}
    settings["tasks"]["sentiment"]["split"] = {"fractions": [0.5, 0.2, 0.3]}
    before = tiny_study(tasks=("sentiment",), settings=settings)
    held = before.division.task_parts["sentiment"] != TRAIN
    again = tiny_study(changed(before, "reviews", held, **CELLS["reviews"]), tasks=("sentiment",), settings=settings)
    assert fitted(again) == fitted(before)


OWN_SPLIT = {"fractions": [0.6, 0.2, 0.2]}


def people_and_events():
    """60 users with 8 events each; both tables have a number, a category and a task that names its own split."""
    rng = np.random.default_rng(1)
    names = [f"u{number:02}" for number in range(60)]
    users = {"user": names, "age": rng.normal(40, 9, 60), "town": rng.choice(["a", "b"], 60), "club": ["x", "y"] * 30}
    events = pl.DataFrame({"user": np.repeat(names, 8), "time": list(range(8)) * 60}).with_columns(
        item=pl.Series(rng.choice(["i", "j", "k"], 480)),
        price=pl.Series(rng.normal(5, 1, 480)),
        shop=pl.Series(rng.choice(["a", "b"], 480)),
        stars=pl.Series(rng.integers(1, 6, 480).astype(float)),
    )
    return {"users": pl.DataFrame(users), "events": events}


def prepared(frames):
    columns = {"price": "number", "shop": "category", "stars": "number"}
    described = {"age": "number", "town": "category", "club": "category"}
    project = motet.Project(
        tables={
            "events": {"frame": frames["events"], "user": "user", "item": "item", "time": "time", "columns": columns},
            "users": {"frame": frames["users"], "id": "user", "columns": described},
        },
        tasks=[
            motet.ClassTask(name="club", table="users", column="club", split=OWN_SPLIT),
            motet.Rating(name="stars", column="stars", split=OWN_SPLIT),
        ],
    )
    return prepare(check(project))


@pytest.mark.parametrize(("table", "task", "number", "category"), [
    ("users", "club", "age", "town"),
    ("events", "stars", "price", "shop"),
])  # fmt: skip
def test_extreme_cells_of_rows_that_a_task_holds_out_are_in_no_statistic(table, task, number, category):
    frames = people_and_events()
    before = prepared(frames)
    held = before.division.task_parts[task] != TRAIN
    assert table == "users" or (held & (before.division.events.part_N == TRAIN)).any()
    keys = ["@id"] if table == "users" else ["@user", "@time"]
    chosen = before.division.tables.frame(table).select(keys)
    chosen.columns = ["user", "time"][: len(keys)]
    chosen = chosen.with_columns(held=pl.Series(held))
    frame = frames[table].join(chosen, on=chosen.columns[:-1], how="left", maintain_order="left")
    assert frame["held"].null_count() == 0 and frame["held"].sum() > 2
    odd = frame.with_columns(
        pl.when("held").then(pl.lit(1e6)).otherwise(number).alias(number),
        pl.when("held").then(pl.lit("nowhere")).otherwise(category).alias(category),
    ).drop("held")
    after = prepared({**frames, table: odd})
    state = getattr(after.features.state, table)
    assert state.categories[category] and "nowhere" not in state.categories[category]
    assert max(state.numbers[number]) < 1e5
    assert fitted(after) == fitted(before)


def test_items_that_a_task_holds_out_teach_nothing(study):
    held = study.division.task_parts["brand"] != TRAIN
    cells = {"title": "zebra zebra", "brand": "Zebra", "price": 9_999.0}
    assert fitted(tiny_study(changed(study, ITEMS, held, **cells))) == fitted(study)


def test_label_cells_that_are_held_out_are_blank_for_everyone(study):
    frame, items = study.division.tables.frame(ITEMS), study.features.arrays.items
    held = study.division.task_parts["brand"] != TRAIN
    place = {item: row + 1 for row, item in enumerate(study.division.events.items)}
    held_rows = np.array([place[item] for item in frame["@id"].filter(pl.Series(held))])
    known_rows = np.array([place[item] for item in frame["@id"].filter(pl.Series(~held))])
    brand = list(study.features.state.items.categories).index("brand")
    assert (items.plain.codes_nC[held_rows, brand] == MISSING).all()
    assert (items.plain.codes_nC[known_rows, brand] != MISSING).all()
    assert (items.plain.bins_nB[held_rows, -1] == 1).all() and (items.plain.bins_nB[known_rows, -1] == 0).all()
    tags = np.diff(items.plain.tag_starts)
    assert (tags[held_rows] == 0).all() and (tags[known_rows] > 0).all()


def test_labels_of_held_out_items_reach_no_array(study):
    held = study.division.task_parts["brand"] != TRAIN
    again = tiny_study(changed(study, ITEMS, held, brand="Zebra", price=9_999.0))
    one, other = study.features.arrays.items, again.features.arrays.items
    for name in ("text", "text_masked", "count"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    for name in ("plain", "plain_masked"):
        for key, value in vars(getattr(one, name)).items():
            assert np.array_equal(value, getattr(getattr(other, name), key)), (name, key)


def test_masked_arrays_know_no_label_of_any_item(study):
    items = study.features.arrays.items
    assert (items.plain_masked.codes_nC == np.zeros_like(items.plain_masked.codes_nC)).all()
    assert len(items.plain_masked.tag_ids) == 0 and (items.plain_masked.bins_nB[1:, -1] == 1).all()
    frames = tiny_shop()
    shuffled = frames["items"].with_columns(pl.col("brand").reverse(), pl.col("categories").reverse())
    again = tiny_study({**frames, "items": shuffled})
    # titles are the same, so what is shown of an item to a task about items is so, too (up to the fitted axes)
    one, other = items.text_masked[1:], again.features.arrays.items.text_masked[1:]
    assert one.shape == other.shape and (np.abs(items.text_masked - items.text).sum(1)[1:] > 0).any()


def test_items_count_their_training_events_alone(study):
    events = study.division.events
    count = np.zeros(len(events.items) + 1, int)
    for item, part in zip(events.item_N, events.part_N, strict=True):
        if item >= 0 and part == TRAIN:
            count[item + 1] += 1
    assert study.features.arrays.items.count.tolist() == count.tolist()


def test_row_zero_is_nothing(study):
    arrays = study.features.arrays
    assert not arrays.items.text[0].any() and arrays.items.count[0] == 0
    assert arrays.events.item_N[0] == arrays.events.gap_N[0] == arrays.events.text_N[0] == 0
    assert not arrays.events.text_vectors[0].any() and not arrays.profiles.codes_nC[0].any()


def test_events_stand_behind_each_other_with_their_items_texts_and_gaps(study):
    arrays, events = study.features.arrays.events, study.division.events
    frame = study.division.tables.frame(EVENTS)
    assert arrays.item_N[1:].tolist() == (events.item_N + 1).tolist()
    assert ((arrays.text_N[1:] > 0) == frame["query"].is_not_null().to_numpy()).all()
    first = events.starts[:-1][np.diff(events.starts) > 0]
    assert (arrays.gap_N[1:][first] == 0).all() and (np.delete(arrays.gap_N[1:], first) > 0).all()
    assert study.features.state.timed
    vectors = arrays.text_vectors[1:]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), np.linalg.norm(vectors[0]), rtol=1e-3)


def test_a_label_of_users_is_no_part_of_a_profile(study):
    assert study.features.state.users.columns == ["age_group"]
    assert len(study.features.arrays.profiles) == len(study.division.events.users) + 1
