"""Logs of every kind of file, with cells as people write them."""

import gzip

import polars as pl
import pytest

import motet
from motet.artifact import open_folder
from motet.data import TIME, USER
from motet.errors import DataError
from motet.stages.impressions import REWARD, own_impressions, read_impressions
from motet.testing import tiny_project

KEYS = {"user": "who", "item": "what", "time": "at", "reward": "paid"}
LINES = "who;what;at;propensity;paid\n7;1.0;2024-01-02T03:00:00;0,5;yes\n8;2.0;2024-01-02 04:00;1;no\n9;;;0;maybe\n"


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_cells_are_read_as_tables_are(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(LINES.encode()) if name.endswith("gz") else LINES.encode())
    found = read_impressions(path, **KEYS)
    assert found is not None and found.unit == "ms" and len(found) == 2 and found.skipped == 1
    assert found.frame.to_dict(as_series=False) == {
        "@user": ["7", "8"],
        "@item": ["1", "2"],
        "@time": [1_704_164_400_000, 1_704_168_000_000],
        "propensity": [0.5, 1.0],
        "@reward": [1.0, 0.0],
    }


def test_a_value_is_earned_by_its_rows_alone(tmp_path):
    path = tmp_path / "log.parquet"
    frame = {"who": [1, 2, 3], "what": [1, 1, 1], "propensity": [0.5] * 3, "event": ["buy", None, "view"]}
    pl.DataFrame(frame).write_parquet(path)
    found = read_impressions(path, **{**KEYS, "time": None, "reward": "event=buy"})
    assert found.frame[REWARD].to_list() == [1.0, 0.0, 0.0] and TIME not in found.frame.columns
    assert found.frame[USER].dtype == pl.String and found.skipped == 0


def test_what_a_file_lacks_is_said(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(LINES)
    with pytest.raises(DataError, match="no column 'earned'"):
        read_impressions(path, **{**KEYS, "reward": "earned"})
    path.write_text(LINES.replace("propensity", "chance"))
    assert read_impressions(path, **KEYS) is None
    path.write_text("")
    with pytest.raises(DataError, match="empty"):
        read_impressions(path, **KEYS)
    with pytest.raises(DataError, match="no file"):
        read_impressions(tmp_path / "none.csv", **KEYS)


def test_a_project_tells_its_own_log(tmp_path):
    """The table of events as a log: what was bought of what was shown."""
    project = tiny_project(tmp_path, tasks=("next_item",), settings={"train": {"epochs": 1, "device": "cpu"}})
    text = project.read_text()
    assert (
        own_impressions(
            open_folder(motet.train(motet.Project.read(project), tmp_path / "plain").path), reward="event=buy"
        )
        is None
    )
    events = pl.read_parquet(tmp_path / "events.parquet")
    events.with_columns(propensity=pl.lit(0.25)).write_parquet(tmp_path / "events.parquet")
    assert "[tables.events.columns]\n" in text
    project.write_text(text.replace("[tables.events.columns]\n", '[tables.events.columns]\npropensity = "number"\n'))
    folder = open_folder(motet.train(motet.Project.read(project), tmp_path / "logged").path)
    found = own_impressions(folder, reward="event=buy")
    assert found.unit == "ms" and len(found) + found.skipped == events.height and 0 < found.frame[REWARD].mean() < 1
    with pytest.raises(DataError, match="no column 'paid'"):
        own_impressions(folder, reward="paid")
