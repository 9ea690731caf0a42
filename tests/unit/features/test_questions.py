import numpy as np
import polars as pl
import pytest

from motet.data import EventIndex
from motet.features.labels import fit_labels
from motet.features.questions import ask
from motet.features.views import View
from motet.schema import TEST, TRAIN
from motet.tasks import Examples

DAY = 86_400_000
VIEW = View("notes", ("history", "item"))


def examples(task, rows, label, *, user, cut, item, now=None, part=TRAIN, output="binary"):
    n = len(rows)
    return Examples(
        task=task,
        kind="k",
        output=output,
        table="notes",
        sources=("history", "item"),
        row_n=np.array(rows, np.int64),
        user_n=np.array(user, np.int32),
        cut_n=np.array(cut, np.int64),
        now_n=None if now is None else np.array(now, np.int64),
        item_n=np.array(item, np.int32),
        label=pl.Series("label", label),
        part_n=np.full(n, part, np.int8),
        unit=pl.Series([str(one) for one in user]),
        coverage=1.0,
        counts={},
    )


@pytest.fixture
def events():
    return EventIndex(
        users=pl.Series(["u0", "u1"]),
        starts=np.array([0, 3, 4]),
        items=pl.Series(["a", "b"]),
        user_N=np.array([0, 0, 0, 1], np.int32),
        item_N=np.array([0, 1, 0, 1], np.int32),
        time_N=np.array([0, DAY, 2 * DAY, 7 * DAY]),
        part_N=np.zeros(4, np.int8),
        basket_N=np.arange(4),
    )


def asked(events, *each, view=VIEW, timed=True):
    named = {one.task: one for one in each}
    labels = {name: fit_labels(one) for name, one in named.items()}
    return ask(named, dict.fromkeys(named, view), labels, events, timed=timed)[view.name]


def test_what_two_tasks_ask_alike_is_asked_once(events):
    one = examples("one", [0, 1, 2], [True, False, True], user=[0, 0, 1], cut=[1, 2, 1], item=[0, 1, 1])
    other = examples("other", [2, 3], [False, True], user=[1, 1], cut=[1, 0], item=[1, 0], part=TEST)
    questions = asked(events, one, other)
    assert len(questions) == 4 and set(questions.tasks) == {"one", "other"}
    assert questions.tasks["one"].question_m.tolist() == [0, 1, 2]
    assert questions.tasks["other"].question_m.tolist() == [2, 3]
    assert questions.tasks["other"].label_m.tolist() == [0.0, 1.0]
    assert questions.tasks["other"].part_m.tolist() == [TEST, TEST]


def test_same_row_with_another_item_is_another_question(events):
    drawn = examples("drawn", [0, 0, 0], [True, False, False], user=[0] * 3, cut=[1] * 3, item=[0, 1, -1])
    questions = asked(events, drawn)
    assert len(questions) == 3 and questions.item_n.tolist() == [1, 2, 0]


def test_users_and_items_are_counted_from_one(events):
    questions = asked(events, examples("one", [0, 1], [True, False], user=[-1, 1], cut=[0, 1], item=[0, -1]))
    assert questions.user_n.tolist() == [0, 2] and questions.item_n.tolist() == [1, 0]
    assert questions.cut_n.tolist() == [0, 1]


def test_the_gap_is_the_time_since_the_last_event_that_may_be_read(events):
    one = examples(
        "one",
        [0, 1, 2, 3],
        [True, False, True, False],
        user=[0, 0, 1, -1],
        cut=[1, 3, 0, 0],
        item=[0, 0, 0, 0],
        now=[DAY, 2 * DAY + 3_600_000, 9 * DAY, 9 * DAY],
    )
    # a day is bucket 17, an hour bucket 12; without an event or a user the gap is unknown
    assert asked(events, one).gap_n.tolist() == [17, 12, 0, 0]


def test_without_real_time_there_are_no_gaps(events):
    one = examples("one", [0], [True], user=[0], cut=[1], item=[0], now=[DAY])
    assert asked(events, one, timed=False).gap_n is None
    assert asked(events, examples("one", [0], [True], user=[0], cut=[1], item=[0])).gap_n is None


def test_questions_about_an_event_do_not_know_when_it_came(events):
    one = examples("one", [1], [True], user=[0], cut=[1], item=[1], now=[DAY])
    assert asked(events, one, view=View("events", ("history", "item"))).gap_n is None


def test_all_labels_find_their_question(study):
    for questions in study.features.questions.values():
        for task, labels in questions.tasks.items():
            examples = study.examples[task]
            assert (questions.row_n[labels.question_m] == examples.row_n).all()
            if examples.item_n is not None:
                assert (questions.item_n[labels.question_m] == examples.item_n + 1).all()
            if examples.cut_n is not None:
                assert (questions.cut_n[labels.question_m] == examples.cut_n).all()
            assert (labels.part_m == examples.part_n).all()
