import sqlite3
from functools import partial

import polars as pl
import pytest

from motet.cli.forget import forget
from motet.data import write_quarantine
from motet.store import Event, Limits, open_store

from .conftest import Say


@pytest.fixture
def filled(tmp_path) -> str:
    with open_store(tmp_path / "s.db") as opened:
        opened.append([Event("e1", "ann", "bread"), Event("e2", "bob", "dates")])
    return str(tmp_path / "s.db")


def test_a_user_leaves_folder_and_store_and_stays_out(say: Say, model, filled: str) -> None:
    told = say("forget", model, "--store", filled, "--user", "ann", "--yes", "--json").json
    assert told == {"user": "ann", "events": 1, "profile": False, "folder": True, "rows_aside": 0}
    assert not any(b"ann" in path.read_bytes() for path in model.rglob("*") if path.is_file())
    with open_store(filled) as opened:
        assert [event.user for event in opened.events_after(0)] == ["bob"]
        assert opened.is_forgotten("ann")
    said = say("forget", model, "--user", "ann", "--yes")
    assert said.code == 2 and "nothing of user 'ann'" in said.err


def test_rows_kept_aside_that_quote_the_user_go_too(say: Say, model) -> None:
    aside = model.with_name("model.quarantine.parquet")
    reasons = ["not a number: 'ann'", "not a number: 'anna'"]
    rows = {"table": ["events"] * 2, "file": ["e.csv"] * 2, "row": [1, 2], "column": ["price"] * 2, "reason": reasons}
    write_quarantine(pl.DataFrame(rows), aside)
    assert say("forget", model, "--user", "ann", "--yes", "--json").json["rows_aside"] == 1
    assert pl.read_parquet(aside)["reason"].to_list() == reasons[1:]


def test_files_that_somebody_still_reads_are_told(say: Say, filled: str, monkeypatch) -> None:
    monkeypatch.setattr("motet.store.open_store", partial(open_store, limits=Limits(wait_seconds=0.1)))
    reader = sqlite3.connect(filled, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM motet_events").fetchone()
    told = say("forget", "--store", filled, "--user", "ann", "--yes", "--json").json
    assert told["events"] == 1 and "Erased" in told["waiting"]
    assert "once more" in say("forget", "--store", filled, "--user", "ann", "--yes").out
    reader.close()
    assert "waiting" not in say("forget", "--store", filled, "--user", "ann", "--yes", "--json").json


def test_nothing_is_erased_without_a_yes(say: Say, model, filled: str) -> None:
    before = sorted((path, path.read_bytes()) for path in model.rglob("*") if path.is_file())
    assert say("forget", model, "--user", "ann", "--json").code == 2
    assert say("forget", "--store", filled, "--user", "ann", "--quiet").code == 2
    assert sorted((path, path.read_bytes()) for path in model.rglob("*") if path.is_file()) == before
    with open_store(filled) as opened:
        assert len(opened.events_after(0)) == 2 and not opened.is_forgotten("ann")


def test_mistakes(say: Say, tmp_path) -> None:
    assert "nothing to forget" in say("forget", "--user", "ann", "--yes").err
    said = say("forget", "--store", tmp_path / "typo.db", "--user", "ann", "--yes")
    assert said.code == 2 and not list(tmp_path.iterdir())
    assert forget is not None
