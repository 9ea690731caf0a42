from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from motet.data.guards import assert_history_is_past, assert_no_training_on_held_out, check_relations
from motet.errors import LeakageError

from ._small import divided, events, table


@dataclass(frozen=True)
class Asked:
    """The fields of examples that the guards read."""

    task: str
    table: str
    row_n: np.ndarray
    part_n: np.ndarray
    user_n: np.ndarray | None = None
    cut_n: np.ndarray | None = None
    now_n: np.ndarray | None = None


STARS = {"next": {"kind": "next_item"}, "stars": {"kind": "rating", "table": "events", "column": "stars"}}
ROWS = [("a", "v", 1), ("a", "w", 2), ("a", "x", 2), ("a", "y", 3), ("b", "v", 1), ("b", "w", 4)]


def shop(**sections):
    described = events(*ROWS, columns={"stars": "number"})
    described["data"]["stars"] = [1.0] * len(ROWS)
    reviews = table(
        {"u": ["a", "a"], "t": [2, None], "good": [True, False]}, user="u", time="t", columns={"good": "flag"}
    )
    tasks = STARS | {"good": {"kind": "binary", "table": "reviews", "column": "good"}}
    return divided({"events": described, "reviews": reviews}, tasks, **sections)


TIME = {"split": {"kind": "time", "cut": [3, 4]}}


def about_events(found, **changes):
    index = found.events
    asked = Asked(
        "next", "events", np.arange(len(ROWS)), index.part_N, index.user_N,
        index.basket_N - index.starts[index.user_N], index.time_N,
    )  # fmt: skip
    return replace(asked, **changes)


@pytest.mark.parametrize("sections", [{}, TIME, {"split": {"kind": "random"}}])
def test_honest_histories_pass(sections):
    found = shop(**sections)
    assert_history_is_past(about_events(found), found)


def test_a_history_with_its_target_is_refused():
    found = shop()
    cut = about_events(found).cut_n.copy()
    cut[2] += 1
    with pytest.raises(LeakageError, match="'next' on table 'events': 1 of 6"):
        assert_history_is_past(about_events(found, cut_n=cut), found)


def test_a_history_with_its_basket_is_refused():
    found = shop(**TIME)
    cut = about_events(found).cut_n.copy()
    assert cut[2] == 1  # the events at moment 2 are one basket
    cut[2] = 2
    with pytest.raises(LeakageError):
        assert_history_is_past(about_events(found, cut_n=cut), found)


def test_a_history_of_another_user_or_beyond_all_events_is_refused():
    found = shop()
    stranger = about_events(found).user_n.copy()
    stranger[5] = 0  # an event of b, asked with the first event of a
    with pytest.raises(LeakageError, match="1 of 6"):
        assert_history_is_past(about_events(found, user_n=stranger), found)
    with pytest.raises(LeakageError):
        assert_history_is_past(about_events(found, row_n=np.full(6, -1), cut_n=np.full(6, 5), now_n=None), found)


def moment(found, cut, now, part=0, row=-1, table="events"):
    one = {"user_n": [0], "cut_n": [cut], "now_n": [now], "row_n": [row], "part_n": [part]}
    return Asked("good", table, **{name: np.array(value) for name, value in one.items()})


def test_a_question_at_a_moment_sees_strictly_earlier_events():
    found = shop(**TIME)
    assert_history_is_past(moment(found, 1, 2), found)
    with pytest.raises(LeakageError):
        assert_history_is_past(moment(found, 2, 2), found)
    assert_history_is_past(moment(found, 1, 2, row=0, table="reviews"), found)
    with pytest.raises(LeakageError):
        assert_history_is_past(moment(found, 3, 2, row=0, table="reviews"), found)


def test_a_row_without_moment_is_judged_by_parts():
    found = shop(**TIME)
    assert_history_is_past(moment(found, 3, 2, row=1, table="reviews"), found)
    with pytest.raises(LeakageError):
        assert_history_is_past(moment(found, 4, 3, row=1, table="reviews"), found)
    assert_history_is_past(moment(found, 4, 3, row=1, part=1, table="reviews"), found)


def test_unknown_users_and_plain_rows_have_no_history():
    found = shop()
    unknown = replace(moment(found, 9, 0), user_n=np.array([-1]))
    assert_history_is_past(unknown, found)
    assert_history_is_past(replace(unknown, user_n=None, cut_n=None), found)


def labelled():
    names = [f"p{number}" for number in range(50)]
    goods = table(
        {"i": names, "brand": names, "kind": names}, id="i", columns={"brand": "category", "kind": "category"}
    )
    tasks = {
        "brand": {"kind": "class", "table": "items", "column": "brand", "split": {"fractions": [0.6, 0.2, 0.2]}},
        "kind": {"kind": "class", "table": "items", "column": "kind"},
    }
    return divided({"items": goods}, tasks)


def asked_of(found, task, part=None):
    part = found.task_parts[task] if part is None else part
    kept = part >= 0
    return Asked(task, "items", np.flatnonzero(kept), part[kept])


def test_training_on_a_row_that_another_task_holds_out_is_refused():
    found = labelled()
    assert_no_training_on_held_out({name: asked_of(found, name) for name in found.task_parts}, found)
    careless = asked_of(found, "kind", found.parts["items"])
    with pytest.raises(LeakageError, match="'kind' trains on .* rows of table 'items' that task 'brand' holds out"):
        assert_no_training_on_held_out({"brand": asked_of(found, "brand"), "kind": careless}, found)


def test_a_row_in_two_parts_of_one_task_is_refused():
    found = labelled()
    for part in (1, 2):
        twice = Asked("kind", "items", np.array([3, 3]), np.array([0, part]))
        with pytest.raises(LeakageError, match="'kind' trains on 1 rows .* 'kind'"):
            assert_no_training_on_held_out({"kind": twice}, found)


def test_questions_without_a_row_pass():
    found = labelled()
    windows = Asked("kind", "items", np.array([-1, -1]), np.array([0, 2]))
    assert_no_training_on_held_out({"kind": windows}, found)


def test_a_reversed_pair_in_another_part_is_refused():
    friends = table({"u": ["a", "b", "a"], "o": ["b", "a", "c"]}, user="u", other="o", directed=True)
    found = divided({"events": events(("a", "x", 1)), "friends": friends}, {"next": {"kind": "next_item"}})
    check_relations(found)
    torn = replace(found, parts={**found.parts, "friends": np.array([0, 2, 0], np.int8)})
    with pytest.raises(LeakageError, match=r"'friends': 1 pairs .* a\|b"):
        check_relations(torn)
