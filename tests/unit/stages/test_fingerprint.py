"""What a study learns from has the same name in every process, and another one as soon as it changes."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from motet.stages.fingerprint import _digest, _rounded, fingerprint
from motet.testing.study import tiny_study
from motet.testing.tables import tiny_shop

SETTINGS = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
ELSEWHERE = """
import json
from motet.stages.fingerprint import fingerprint
from motet.testing.study import tiny_study
settings = {"train": {"epochs": 3, "batch": 64, "device": "cpu"}, "certify": {"seeds": 4}}
tasks = ("next_item", "rating", "sentiment", "brand", "club")
print(json.dumps(fingerprint(tiny_study(tasks=tasks, settings=settings))))
"""


def changed(one, other):
    return {name for name in {**one, **other} if one.get(name) != other.get(name)}


def test_another_process_under_other_settings_finds_the_same(study):
    more = {"PYTHONHASHSEED": "17", "POLARS_MAX_THREADS": "3", "OMP_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], env={**os.environ, **more}, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == fingerprint(study)


def test_it_names_tables_tasks_and_what_was_fitted(study):
    tables, tasks = study.division.inputs, study.examples
    named = {*(f"table {name}" for name in tables), *(f"task {name}" for name in tasks)}
    assert set(fingerprint(study)) == {*named, "the encoder", "what was fitted on them"}


def test_rows_that_went_change_what_is_read_and_asked():
    frames = tiny_shop()
    fewer = {**frames, "reviews": frames["reviews"].sample(fraction=0.6, seed=1)}
    one, other = (
        fingerprint(tiny_study(each, tasks=("sentiment", "club"), settings=SETTINGS)) for each in (frames, fewer)
    )
    found = changed(one, other)
    assert {"table reviews", "task sentiment", "what was fitted on them"} <= found
    assert not found & {"table users", "task club", "table items"}


@pytest.mark.parametrize("name", ["label", "part_n", "row_n"])
def test_a_single_example_counts(study, name):
    examples = study.examples["rating"]
    other = getattr(examples, name)
    other = pl.concat([other[1:], other[:1]]) if isinstance(other, pl.Series) else np.roll(other, 1)
    moved = replace(study, examples={**study.examples, "rating": replace(examples, **{name: other})})
    assert changed(fingerprint(study), fingerprint(moved)) == {"task rating"}


def test_a_single_cell_counts(study):
    division, frame = study.division, study.division.inputs["items"]
    priced = frame.with_columns(pl.when(pl.int_range(pl.len()) == 0).then(1e6).otherwise("price").alias("price"))
    other = replace(study, division=replace(division, inputs={**division.inputs, "items": priced}))
    assert changed(fingerprint(study), fingerprint(other)) == {"table items"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pl.Series(["ab", "c"]), pl.Series(["a", "bc"])),
        (pl.Series(["", "a"]), pl.Series([None, "a"])),
        (pl.Series([0.0, 1.0]), pl.Series([None, 1.0])),
        (pl.Series([False, True]), pl.Series([None, True])),
        (pl.Series([1, 2], dtype=pl.Int32), pl.Series([1, 2], dtype=pl.Int64)),
        (pl.Series([["a"], ["b", "c"]]), pl.Series([["a", "b"], ["c"]])),
        (pl.Series([["a"], []]), pl.Series([["a"], None])),
        (np.array([[1, 2], [3, 4]]), np.array([1, 2, 3, 4])),
        (pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [1]})),
        (None, 0),
    ],
)
def test_values_that_look_alike_are_told_apart(one, other):
    assert _digest(one) != _digest(other)
    assert _digest(one) == _digest(one.clone() if hasattr(one, "clone") else one)


def test_how_a_column_lies_in_memory_does_not_count():
    whole = pl.Series(["a", None, "b", "c"])
    assert _digest(pl.concat([whole[:2], whole[2:]], rechunk=False)) == _digest(whole)
    assert _digest(pl.Series([1, None]) + 0) == _digest(pl.Series([1, None]))


def test_last_digits_of_a_fitted_number_do_not_count():
    assert _rounded({"a": [0.1 + 0.2, 1]}) == _rounded({"a": (0.3, 1)})
    assert _rounded(0.3) != _rounded(0.30001)
