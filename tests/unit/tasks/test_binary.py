import numpy as np
import polars as pl
import pytest

from motet.errors import DataError, ProjectError
from motet.schema import TEST, TRAIN, VALID, Binary
from motet.tasks._labels import yes_or_no
from motet.tasks.binary import BinaryKind
from tasks._tiny import EVENT_KEYS, divided, events

ROWS = [
    (
        f"u{user}",
        f"i{(user * 3 + time * 5) % 17}",
        time,
        ["view", "buy"][(user + time) % 2],
        float(time % 5),
        time % 2 == 0,
    )
    for user in range(12)
    for time in range(6)
]
COLUMNS = {"event": "behaviour", "stars": "number", "liked": "flag"}


def made(**fields):
    task = Binary(name="task", **fields)
    rows = events(ROWS, "event", "stars", "liked")
    division = divided(
        {"events": {"rows": rows, **EVENT_KEYS, "columns": COLUMNS}}, [task], split={"kind": "leave_one_out"}
    )
    return BinaryKind().examples(division.project.tasks["task"], division), division


@pytest.mark.parametrize(
    ("fields", "truth"),
    [
        ({"column": "event", "positive": ["buy"]}, lambda f: f["event"] == "buy"),
        ({"column": "stars", "at_least": 3}, lambda f: f["stars"] >= 3),
        ({"column": "stars", "positive": [4]}, lambda f: f["stars"] == 4),
        ({"column": "liked"}, lambda f: f["liked"]),
    ],
)
def test_what_counts_as_yes(fields, truth):
    examples, division = made(**fields)
    assert examples.label.to_list() == truth(division.tables.frame("events")).to_list()
    assert examples.sources == ("history", "item")
    assert (examples.item_n == division.events.item_N).all()


def test_drawn_negatives_are_items_the_user_has_not_had_so_far():
    examples, division = made(column="event", positive=["buy"], negatives="sampled")
    index, label = division.events, examples.label.to_numpy()
    had = {
        part: set(zip(index.user_N[index.part_N <= part], index.item_N[index.part_N <= part], strict=True))
        for part in range(3)
    }
    for n in range(len(examples)):
        pair = (examples.user_n[n], examples.item_n[n])
        assert (pair in had[examples.part_n[n]]) == label[n]
    for part, times in ((TRAIN, 4), (VALID, 1), (TEST, 1)):
        mine = label[examples.part_n == part]
        assert (~mine).sum() == times * mine.sum()


def test_later_items_may_be_drawn_for_training():
    examples, division = made(column="event", positive=["buy"], negatives="sampled")
    index = division.events
    later = set(zip(index.user_N[index.part_N > TRAIN], index.item_N[index.part_N > TRAIN], strict=True))
    drawn = (examples.part_n == TRAIN) & ~examples.label.to_numpy()
    assert later & set(zip(examples.user_n[drawn], examples.item_n[drawn], strict=True))


def test_drawing_is_repeatable_and_uniform_over_the_rest():
    one, division = made(column="event", positive=["buy"], negatives="sampled")
    two, _ = made(column="event", positive=["buy"], negatives="sampled")
    assert (one.item_n == two.item_n).all()
    assert len(np.unique(one.item_n[~one.label.to_numpy()])) == len(division.events.items)


def test_a_drawn_row_keeps_user_moment_and_row_of_its_positive():
    examples, _ = made(column="event", positive=["buy"], negatives="sampled")
    label = examples.label.to_numpy()
    keys = set(zip(examples.row_n[label], examples.user_n[label], examples.cut_n[label], strict=True))
    assert set(zip(examples.row_n[~label], examples.user_n[~label], examples.cut_n[~label], strict=True)) == keys


def test_wrong_values_are_answered_with_the_frequent_ones():
    with pytest.raises(DataError, match="view"):
        made(column="event", positive=["bought"])


def test_words_without_a_rule_are_refused():
    with pytest.raises(ProjectError, match="mean yes"):
        made(column="event")
    with pytest.raises(ProjectError, match="evnt"):
        made(column="evnt", positive=["buy"])


def test_sampling_needs_user_and_item():
    rows = pl.DataFrame({"text": ["a", "b"], "good": [True, False]})
    task = Binary(name="task", table="reviews", column="good", negatives="sampled")
    division = divided({"reviews": {"rows": rows, "columns": {"text": "text", "good": "flag"}}}, [task])
    with pytest.raises(ProjectError, match="user and an item"):
        BinaryKind().examples(division.project.tasks["task"], division)


def test_tags_are_positive_if_any_is_named():
    rows = pl.DataFrame({"text": list("abcd"), "kinds": [["x", "y"], ["z"], [], None]})
    task = Binary(name="task", table="notes", column="kinds", positive=["x"])
    division = divided({"notes": {"rows": rows, "columns": {"text": "text", "kinds": "tags"}}}, [task])
    examples = BinaryKind().examples(division.project.tasks["task"], division)
    assert examples.label.to_list() == [True, False, False]


def test_words_for_unknown_are_no_answer_unless_they_are_asked_for():
    words = pl.Series("said", ["yes", "no", "NA", "n/a", "null", "none", None])
    task = Binary(name="task", column="said", positive=["yes"])
    assert yes_or_no(task, words, "category").to_list() == [True, False, None, None, None, False, None]
    asked = Binary(name="task", column="said", positive=["NA"])
    assert yes_or_no(asked, words, "category").to_list() == [False, False, True, None, None, False, None]
