import polars as pl
import pytest

from motet.errors import DataError
from motet.schema import Binary, ClassTask, NextItem, Rating
from motet.tasks import all_examples, examples_of
from tasks._tiny import EVENT_KEYS, divided, events


def notes(num, label):
    rows = pl.DataFrame({"words": [f"w{n}" for n in range(num)], "label": label(num)})
    return {"notes": {"rows": rows, "columns": {"words": "text", "label": "category"}}}


def made(num, label, task=None):
    task = task or ClassTask(name="t", table="notes", column="label")
    division = divided(notes(num, label), [task])
    return examples_of(division.project.tasks["t"], division)


def test_enough_labels_pass():
    assert len(made(100, lambda n: ["a", "b"] * (n // 2))) == 100


def test_too_few_labels_are_refused_with_the_counts():
    with pytest.raises(
        DataError, match=r"training labels.*known labels: \d+ training, \d+ validation, \d+ test"
    ) as error:
        made(20, lambda n: ["a", "b"] * (n // 2))
    assert error.value.remedy


def test_a_single_class_is_refused():
    with pytest.raises(DataError, match="only one training label, 'a'"):
        made(100, lambda n: ["a"] * n)


def test_unknown_labels_are_counted_in_the_refusal():
    with pytest.raises(DataError, match="90 unknown label"):
        made(100, lambda n: ["a", "b"] * 5 + [None] * (n - 10))


def test_held_out_labels_are_needed():
    with pytest.raises(DataError, match="held-out"):
        made(
            100,
            lambda n: ["a", "b"] * (n // 2),
            ClassTask(name="t", table="notes", column="label", split={"fractions": [1, 0, 0]}),
        )


def test_both_answers_are_needed_on_every_side():
    with pytest.raises(DataError, match="3 yes and"):
        made(
            100,
            lambda n: ["a"] * 3 + ["b"] * (n - 3),
            Binary(name="t", table="notes", column="label", positive=["a"], split={"fractions": [0.9, 0.05, 0.05]}),
        )
    with pytest.raises(DataError, match="0 yes and .* in validation"):
        # twelve yes in a thousand rows, all of them before the held-out ones
        place = made(1000, lambda n: ["a", "b"] * (n // 2)).part_n
        yes = set((place == 0).nonzero()[0][:12].tolist())
        made(
            1000,
            lambda n: ["a" if k in yes else "b" for k in range(n)],
            Binary(name="t", table="notes", column="label", positive=["a"]),
        )


def test_all_examples_go_by_the_names_of_their_tasks():
    rows = [(f"u{user}", f"i{(user + time) % 9}", time, float(time)) for user in range(30) for time in range(4)]
    table = {"rows": events(rows, "stars"), **EVENT_KEYS, "columns": {"stars": "number"}}
    division = divided({"events": table}, [NextItem(), Rating(name="stars", column="stars")])
    made = all_examples(division)
    assert {name: examples.kind for name, examples in made.items()} == {"next_item": "next_item", "stars": "rating"}
