"""Tests of what a run that goes on is held against."""

import json

import pytest

from motet.errors import DataError
from motet.stages.same_run import check_same_project

ONE = '[project]\nname = "shop"\n\n[trunk]\nwidth = 64\n'


def test_a_run_goes_on_with_the_same_settings_alone(tmp_path):
    work = tmp_path / "work"
    check_same_project(work, ONE)
    (work / "kept").write_text("")
    check_same_project(work, ONE)
    other = ONE.replace("64", "32") + 'history = "gru"\n'
    with pytest.raises(DataError, match=r"other settings. Changed: trunk.width, trunk.history\.") as caught:
        check_same_project(work, other)
    assert "without --resume" in caught.value.remedy and (work / "kept").exists()
    check_same_project(work, ONE)


def test_what_is_no_project_file_is_compared_as_a_whole(tmp_path):
    check_same_project(tmp_path, "one two")
    with pytest.raises(DataError, match=r"other settings\. Put them back"):
        check_same_project(tmp_path, "one three")


def test_a_run_does_not_go_on_with_other_data(tmp_path):
    work = tmp_path / "work"
    check_same_project(work, ONE, {"table reviews": "a", "table items": "b"})
    (work / "kept").write_text("")
    check_same_project(work, ONE, {"table items": "b", "table reviews": "a"})
    with pytest.raises(DataError, match=r"other data. Changed: table reviews, table users\.") as caught:
        check_same_project(work, ONE, {"table reviews": "c", "table items": "b", "table users": "d"})
    assert "without --resume" in caught.value.remedy and "\n" not in str(caught.value)
    check_same_project(work, ONE)  # who says nothing of data is asked about none, and what is known stays
    assert (work / "kept").exists()
    with pytest.raises(DataError, match="table items, table reviews, table a, table b, table c and more"):
        check_same_project(work, ONE, {f"table {each}": "x" for each in "abcdefg"})


def test_a_note_of_an_older_version_speaks_against_no_data(tmp_path):
    (tmp_path / "project.json").write_text(json.dumps(ONE))
    (tmp_path / "kept").write_text("")
    check_same_project(tmp_path, ONE, {"table reviews": "a"})
    assert (tmp_path / "kept").exists()
    with pytest.raises(DataError, match="table reviews"):
        check_same_project(tmp_path, ONE, {"table reviews": "b"})
