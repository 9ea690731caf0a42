"""What is told of a user is all that forgetting erases, and nothing of others."""

import json
from pathlib import Path

import polars as pl
import pytest

from motet.artifact import layout, open_folder, write_folder
from motet.recommend.forget import forget, users_of
from motet.recommend.held import held_in, held_of
from motet.recommend.relations import Relations

from .conftest import make_catalogue, make_users

PAIRS = pl.DataFrame({"relation": ["friends"] * 2, "user": ["ann", "cleo"], "other": ["dora", "ann"]})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    lists = {"lists": [{"key": 0, "user": "emil"}, {"key": 1, "user": "ann"}]}
    parts = {**make_users().to_parts(), **make_catalogue().to_parts(), layout.EXAMPLES: lists}
    write_folder(tmp_path / "model", {**parts, **Relations(PAIRS).to_parts()}, name="tiny", seed=0, runtime="none")
    return tmp_path / "model"


def test_all_that_forgetting_erases_is_told(path: Path) -> None:
    folder = open_folder(path)
    told = held_of(folder, "ann")
    assert set(told) == {"events", "profile", "relations", "examples"} and json.dumps(told)
    assert told["relations"] == PAIRS.to_dicts() and told["examples"] == [{"key": 1, "user": "ann"}]
    assert len(told["events"]) == len(make_users().history("ann"))
    assert held_in(make_users(), make_catalogue().ids, "ann")["events"] == told["events"]
    assert held_of(folder, "dora") == {"relations": PAIRS.head(1).to_dicts()}
    assert held_of(folder, "nobody") == {} == held_in(make_users(), make_catalogue().ids, "nobody")


def test_whoever_can_be_forgotten_is_told_and_nothing_is_told_afterwards(path: Path) -> None:
    for user in users_of(open_folder(path)):
        if held_of(open_folder(path), user):  # forgetting others takes pairs along
            forget(path, user)
        assert held_of(open_folder(path), user) == {}
    assert users_of(open_folder(path)) == set()
