from pathlib import Path

import pytest

from motet.recommend import Loaded, Question
from motet.recommend.engine import recommend
from motet.serve.live import LiveUsers, Overlay
from motet.store import Event, Store, open_store

from .conftest import FixedScorer, make_catalogue, make_users


@pytest.fixture
def store(tmp_path: Path):
    with open_store(tmp_path / "s.db") as opened:
        yield opened


def live(store: Store, *, most: int = 100) -> LiveUsers:
    return LiveUsers.over(make_users(), Overlay(store, make_catalogue(), FixedScorer(), "event", most))


def test_the_log_follows_what_the_folder_knew(store: Store) -> None:
    store.append([Event("1", "ann", "dates", "view", 1_700_000_000_000, {"stars": "4", "colour": "red"})])
    history = live(store).history("ann")
    assert history.item_L.tolist() == [0, 3] and history.time_L.tolist() == [1_600_000_000_000, 1_700_000_000_000]
    assert history.columns.to_dicts() == [{"event": "buy", "stars": 5.0}, {"event": "view", "stars": 4.0}]
    assert history.profile.to_dicts() == [{"age": "old"}]


def test_a_late_event_stands_where_it_belongs(store: Store) -> None:
    store.append([Event("2", "ann", "bread", None, 1_650_000_000_000)])
    store.append([Event("1", "ann", "dates", None, 1_500_000_000_000), Event("3", "ann", "nope", None, 5)])
    history = live(store).history("ann")
    assert history.item_L.tolist() == [-1, 3, 0, 1] and (history.time_L[1:] >= history.time_L[:-1]).all()
    assert history.columns["event"].to_list() == [None, None, "buy", None]


def test_only_the_last_events_count(store: Store) -> None:
    store.append([Event(str(n), "new", "apple" if n < 9 else "dates", None, 10**12 + n) for n in range(10)])
    assert live(store, most=2).history("new").item_L.tolist() == [0, 3]


def test_a_profile_is_laid_over_the_known_one(store: Store) -> None:
    store.put_user("ann", {"age": "young", "else": 3})
    assert live(store).history("ann").profile.to_dicts() == [{"age": "young"}]
    store.put_user("new", {"age": "young"})
    assert live(store).history("new").has_profile


def test_who_was_forgotten_is_unknown_at_once(store: Store) -> None:
    users = live(store)
    assert users.history("ann").tells_something
    store.forget("ann")
    assert not users.history("ann").tells_something and not users.history("ann").has_profile
    assert users.index == make_users().index and len(users.history(None)) == 0


def test_an_event_that_the_folder_was_trained_on_counts_once(store: Store) -> None:
    """The tables were exported from the log: ann's one event is in both. One row stands for one event."""
    moment = 1_600_000_000_000
    store.append([Event("a", "ann", "apple", "buy", moment), Event("b", "ann", "apple", "view", moment)])
    store.append([Event("c", "ann", "bread", "buy", moment), Event("d", "ann", "apple", "buy", moment + 1)])
    history = live(store).history("ann")
    assert list(zip(history.item_L.tolist(), history.columns["event"], strict=True)) == [
        (0, "buy"),
        (0, "view"),
        (1, "buy"),
        (0, "buy"),
    ]
    store.append([Event("again", "ann", "apple", "buy", moment)])
    assert len(live(store).history("ann")) == 5, "two equal events and one row: one of them is new"


def test_what_was_had_before_the_events_that_the_model_reads_stays_off_lists(store: Store) -> None:
    store.append([Event("first", "new", "dates", "buy", 10**12), Event("gone", "new", "nowhere", "buy", 10**12)])
    store.append([Event(str(n), "new", "apple", "view", 10**12 + 1 + n) for n in range(5)])
    users = live(store, most=3)
    assert users.history("new").item_L.tolist() == [0, 0, 0]
    assert 3 in users.history("new").had_n.tolist()
    loaded = Loaded(make_catalogue(), users, FixedScorer())
    assert [one.item for one in recommend(loaded, Question(user="new", k=9)).items] == ["cheese", "bread"]
    assert len(recommend(loaded, Question(user="new", k=9, seen="allow"))) == 4
    store.forget("new")
    assert len(recommend(loaded, Question(user="new", k=9))) == 4
