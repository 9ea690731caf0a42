import numpy as np
import polars as pl
import pytest

from motet.data import divide, read_tables
from motet.features.memory import WINDOW
from motet.features.recalling import fit_memory, recent_of
from motet.features.remember import with_memory
from motet.schema import TEST, VALID, Project


def divided(events, *, items=None, split=None):
    events = [(*row, "words") for row in events]  # an event without an item says something
    frame = pl.DataFrame(events, schema=["user", "item", "time", "said"], orient="row")
    columns = {"said": "text"}
    tables = {"events": {"frame": frame, "user": "user", "item": "item", "time": "time", "columns": columns}}
    if items is not None:
        frame = pl.DataFrame(items, schema=["id", "title"], orient="row")
        tables["items"] = {"frame": frame, "id": "id", "columns": {"title": "text"}}
    project = Project(tables=tables, tasks={"next": {"kind": "next_item"}}, split={"kind": split or "leave_one_out"})
    return divide(project, read_tables(project))


WALKS = [("u", item, at) for at, item in enumerate("abcde")] + [("v", item, at) for at, item in enumerate("abxyz")]


def shares(division):
    memory = fit_memory(division).memory
    names = division.events.items.to_list()
    table = memory.count_II.toarray()
    return {(names[i], names[j]): float(table[i, j]) for i, j in zip(*np.nonzero(table), strict=True)}


def test_only_training_events_are_counted():
    """The last two events of each are held out: neither as what follows nor as what is followed do they count."""
    assert shares(divided(WALKS)) == {
        ("a", "b"): 2.0,
        ("b", "c"): 1.0,
        ("a", "c"): 0.5,
        ("b", "x"): 1.0,
        ("a", "x"): 0.5,
    }


def test_histories_at_test_time_hold_the_validation_event_and_counts_do_not():
    division = divided(WALKS, items=[(name, "thing") for name in "abcdexyz"])
    recalling, events = fit_memory(division), division.events
    row = np.flatnonzero(events.part_N == TEST)
    user = events.user_N[row].astype(np.int64)
    recent = recalling.recent(row, user + 1, row - events.starts[user])
    names = [*events.items.to_list(), None]
    last = [[names[i] for i in items if i >= 0] for items in recent.item_nW]
    assert last[0] == ["d", "c", "b", "a"]
    assert (recent.own_n == -1).all(), "nothing was counted that could be left out"
    valid = np.flatnonzero(events.part_N == VALID)
    assert not recalling.counted_N[valid].any() and not recent.counted_nW[:, 0].any()


def test_the_last_items_of_a_question_are_those_of_its_own_user():
    division = divided(WALKS)
    recalling, events = fit_memory(division), division.events
    first_of_v = int(events.starts[1])
    recent = recalling.recent(np.array([first_of_v, first_of_v]), np.array([2, 0]), np.array([0, 0]))
    assert (recent.item_nW == -1).all() and not recent.counted_nW.any()


def test_a_basket_is_asked_about_with_what_came_before_it():
    """Two things at one moment do not follow one another; each follows what was before both, at lag one."""
    events = [("u", "a", 1), ("u", "b", 2), ("u", "c", 2), ("v", "z", 100), ("w", "z", 101)]
    found = shares(divided(events, split="time"))
    assert found[("a", "b")] == found[("a", "c")] == 1.0 and ("b", "c") not in found


def test_events_without_an_item_are_passed_over():
    walks = [("u", "a", 1), ("u", None, 2), ("u", "b", 3), ("u", "c", 4), ("u", "d", 5)]
    assert shares(divided(walks)) == {("a", "b"): 1.0}


def test_words_connect_items_that_nobody_bought():
    items = [(name, "soft blue towel") for name in "ab"] + [("new", "soft blue curtain"), ("other", "iron pan")]
    division = divided(WALKS, items=items)
    memory, names = fit_memory(division).memory, division.events.items.to_list()
    alike = memory.alike_II.toarray()
    new, a, other = (names.index(name) for name in ("new", "a", "other"))
    assert memory.total_I[new] == 0 and alike[a, new] > 0 and alike[a, other] == 0 and alike[a, a] == 0


def test_serving_asks_as_training_does():
    division = divided(WALKS)
    recalling, events = fit_memory(division), division.events
    row = np.flatnonzero(events.part_N == TEST)
    user = events.user_N[row].astype(np.int64)
    held = recalling.recent(row, user + 1, row - events.starts[user])
    served = recent_of([events.item_N[events.starts[u] : r] for u, r in zip(user, row, strict=True)])
    np.testing.assert_array_equal(held.item_nW, served.item_nW)
    np.testing.assert_array_equal(recent_of([np.array([3, -1, 4])]).item_nW, [[4, 3] + [-1] * (WINDOW - 2)])


def test_it_is_the_same_twice():
    one, other = (fit_memory(divided(WALKS)).memory.to_arrays() for _ in range(2))
    assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("split", ["leave_one_out", "time"])
def test_projects_without_items_known_in_training_have_an_empty_memory(split):
    division = divided([("u", None, 1), ("u", None, 2), ("v", "a", 3)], split=split)
    assert fit_memory(division).memory.count_II.nnz == 0


def test_only_views_of_rankings_that_want_a_memory_get_one(study):
    ranking = study.features.state.views["next_item"].name
    questions, memory = with_memory(study.features.questions, study.division)
    assert [name for name, each in questions.items() if each.recalling is not None] == [ranking]
    assert memory is questions[ranking].recalling.memory
    silent = {name: each for name, each in study.features.questions.items() if name != ranking}
    assert with_memory(silent, study.division) == (silent, None)
