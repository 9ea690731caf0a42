"""Hypothesis tries to tell a store from a dictionary."""

import itertools

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from motet.store import _people
from motet.testing.contracts.store_machine import StoreMachine

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def run(fresh, examples, steps):
    machine = type("Machine", (StoreMachine,), {"fresh": staticmethod(fresh)})
    rules = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=QUIET,
    )
    run_state_machine_as_test(machine, settings=rules)


def in_files(folder):
    numbers = itertools.count()
    return lambda: str(folder / f"{next(numbers)}.db")


def test_a_file_is_a_dictionary(tmp_path):
    run(in_files(tmp_path), 8, 15)


def test_postgres_is_a_dictionary(postgres):
    numbers = itertools.count()

    def fresh():
        name = f"machine{next(numbers)}"
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{postgres.url}?options=-csearch_path%3D{name}"

    run(fresh, 3, 8)


def test_a_store_that_forgets_too_little_is_told_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(_people, "erase", lambda connection, user: (0, False))
    with pytest.raises(AssertionError):
        run(in_files(tmp_path), 400, 10)  # ends with the first that shows it; forty at random once showed nothing
