"""Tables are made once, brought forward step by step, and never used by an older program."""

import pytest
from sqlalchemy import create_engine, inspect, text

from motet.errors import StoreError
from motet.store import open_store
from motet.store.migrate import STEPS, migrate, version_of
from motet.store.tables import METADATA, VERSION


@pytest.fixture
def connection():
    with create_engine("sqlite://").connect() as connection:
        yield connection


def test_tables_are_made_once(connection):
    migrate(connection, "x")
    migrate(connection, "x")
    assert set(inspect(connection).get_table_names()) == set(METADATA.tables)
    assert version_of(connection) == VERSION and all(name.startswith("motet_") for name in METADATA.tables)


def test_an_older_store_walks_forward_one_version_at_a_time(connection):
    walked = []
    migrate(connection, "x", version=1)
    steps = {number: lambda _, number=number: walked.append(number) for number in (1, 2)}
    migrate(connection, "x", version=3, steps=steps)
    assert walked == [1, 2] and version_of(connection) == 3


def test_every_older_version_has_its_step():
    assert sorted(STEPS) == list(range(1, VERSION))


def test_a_version_without_a_way_forward_is_refused(connection):
    migrate(connection, "x", version=1)
    with pytest.raises(StoreError, match="no way leads"):
        migrate(connection, "x", version=2, steps={})


def test_a_newer_store_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "shop.db"
    open_store(path).close()
    with create_engine(f"sqlite:///{path}").begin() as connection:
        connection.execute(text(f"UPDATE motet_schema_version SET version = {VERSION + 1}"))
    with pytest.raises(StoreError, match=f"version {VERSION + 1}.*newer Motet"):
        open_store(path)
