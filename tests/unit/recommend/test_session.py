from typing import Any

import numpy as np
import polars as pl
import pytest

from motet.errors import RequestError
from motet.recommend import Question, UserStates
from motet.recommend.session import history_of

from .conftest import TinyScorer, make_catalogue, make_users


def history(question: Question, users: UserStates | None = None) -> Any:
    return history_of(question, users=users or make_users(), catalogue=make_catalogue(), scorer=TinyScorer())


def test_the_stored_history() -> None:
    ann = history(Question("ann"))
    assert ann.item_L.tolist() == [0, -1] and ann.time_L.tolist() == [10, 20]
    assert ann.columns["event"].to_list() == ["buy", "search"]
    assert ann.text_LD.tolist() == [[0, 0, 0], [0, 1, 0]]
    assert ann.profile["age"].to_list() == ["old"]


def test_a_session_follows_the_stored_history() -> None:
    events = ["figs", {"item": "nope", "stars": 3}, {"text": "tea", "event": "search", "time": 50}, {"item": "eggs"}]
    ann = history(Question("ann", history=events, now=60))
    assert ann.item_L.tolist() == [0, -1, 5, -1, -1, 4]
    assert ann.columns["stars"].to_list() == [4.0, None, None, 3.0, None, None]
    assert ann.columns["event"].to_list() == ["buy", "search", None, None, "search", None]
    assert ann.time_L.tolist() == [10, 20, 21, 22, 50, 51]
    assert ann.text_LD[4].tolist() == [3, 1, 0] and not ann.text_LD[[2, 3, 5]].any()
    assert ann.now == 60
    assert history(Question("ann")).item_L.tolist() == [0, -1], "the stored history is left alone"


def test_a_stranger_may_bring_a_session_and_a_profile() -> None:
    guest = history(Question(history=["apple"], profile={"age": "young"}))
    assert guest.item_L.tolist() == [0] and guest.tells_something
    assert guest.profile.to_dicts() == [{"age": "young", "income": None}]


def test_unknown_items_tell_nothing() -> None:
    assert not history(Question(history=["nope", {"item": None}])).tells_something
    assert history(Question(history=[{"text": "tea"}])).tells_something


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (1_700_000_000, 1_700_000_000_000),
        (1_700_000_000_000, 1_700_000_000_000),
        ("2023-11-14T22:13:20", 1_700_000_000_000),
    ],
)
def test_moments_in_any_form(time: Any, expected: int) -> None:
    users = UserStates(
        pl.Series(["a"]), np.array([0, 0]), np.zeros(0, np.int32), time_N=np.zeros(0, np.int64), time_unit="ms"
    )
    guest = history(Question(history=[{"item": "apple", "time": time}, "figs"]), users)
    assert guest.time_L.tolist() == [expected, expected]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"item": "apple", "evnt": "buy"}, "Did you mean 'event'"),
        ({"item": "apple", "stars": "five"}, "expected Float64"),
        ({"item": "apple", "event": ["buy"]}, "expected String"),
        ({"item": "apple", "time": "noon"}, "'noon'"),
        ({"item": "apple", "time": 1e300}, "time"),
        ({"item": "apple", "time": float("nan")}, "time"),
    ],
)
def test_what_does_not_fit_is_named(event: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError) as caught:
        history(Question(history=[event]))
    assert words in str(caught.value)


def test_numbers_that_are_none_become_unknown() -> None:
    guest = history(
        Question(history=[{"item": "apple", "stars": float("nan")}, {"item": "figs", "stars": float("inf")}])
    )
    assert guest.columns["stars"].to_list() == [None, None]
