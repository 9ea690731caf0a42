"""What tests of several rooms share: a PostgreSQL server, where one can be had."""

import itertools
import warnings

import pytest

from motet.testing.postgres import find_binaries, temporary_postgres


@pytest.fixture(scope="session")
def postgres():
    """A running server of this session's own; without PostgreSQL the test is skipped, and the summary says why."""
    if find_binaries() is None:
        pytest.skip("NOT RUN: PostgreSQL is not installed, so nothing was tried against it (apt install postgresql)")
    with warnings.catch_warnings(), temporary_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _schemas():
    return itertools.count()


@pytest.fixture
def postgres_url(postgres, _schemas):
    """The address of a fresh, empty schema on the server."""
    import psycopg

    name = f"t{next(_schemas)}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{postgres.url}?options=-csearch_path%3D{name}"
