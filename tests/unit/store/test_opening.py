"""Where a store is, and what is said where it cannot be."""

import os
import sqlite3
import subprocess
import sys

import pytest

from motet.errors import MotetError, ProjectError, StoreError
from motet.store import StoreDamagedError, open_store
from motet.store.opening import address


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("shop.db", "sqlite:///shop.db"),
        ("/a/shop.db", "sqlite:////a/shop.db"),
        ("sqlite:///b.db", "sqlite:///b.db"),
        ("postgres://h/d", "postgres://h/d"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
    ],
)
def test_addresses(given, url):
    assert address(given) == url


def test_an_address_may_stand_in_a_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOP", f"sqlite:///{tmp_path}/shop.db")
    with open_store("env:SHOP") as store:
        assert store.where == str(tmp_path / "shop.db")
    monkeypatch.delenv("SHOP")
    with pytest.raises(ProjectError, match="SHOP is not set"):
        open_store("env:SHOP")


@pytest.mark.parametrize(
    "where", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://u:s3cret@h/d", "{}", "{}/no/x"]
)
def test_what_cannot_hold_a_store_is_refused_in_one_line(where, tmp_path):
    with pytest.raises(StoreError) as caught:
        open_store(where.format(tmp_path))
    assert caught.value.remedy and "\n" not in str(caught.value) and "s3cret" not in str(caught.value)


def test_a_file_of_something_else_is_refused_and_left_as_it_was(tmp_path):
    words, foreign = tmp_path / "words.db", tmp_path / "foreign.db"
    words.write_text("these are words\n" * 100, encoding="utf-8")
    with pytest.raises(StoreDamagedError, match="Restore a backup") as caught:
        open_store(words)
    assert "\n" not in str(caught.value)
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE mine (a)")
    connection.close()
    with pytest.raises(StoreError, match="something else"):
        open_store(foreign)
    assert words.read_text(encoding="utf-8").startswith("these are words")
    assert sqlite3.connect(foreign).execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]


def test_importing_the_room_loads_no_database_library():
    code = "import sys, motet.store; sys.exit(bool({'sqlalchemy', 'psycopg', 'polars', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ, timeout=60).returncode == 0


def test_every_refusal_is_of_the_family():
    assert issubclass(StoreDamagedError, StoreError) and issubclass(StoreError, MotetError)
