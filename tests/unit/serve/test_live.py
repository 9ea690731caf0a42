from pathlib import Path

import pytest

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
