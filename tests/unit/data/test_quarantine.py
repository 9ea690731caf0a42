from pathlib import Path

import polars as pl
import pytest

from motet.errors import DataError

from ._files import GOOD, kept_aside, read_table, read_text


def test_bad_cells_are_kept_aside_with_line_and_reason(tmp_path: Path) -> None:
    text = (
        "user,item,t,r\nu,i,2018-01-01,1\nu,i,never,1\nu,i,,1\n ,i,2018-01-01,1\nu,i,2018-01-01,many\nu,i,2018-01-01,\n"
    )
    text += "u,i,2018-01-02,1\n" * 20
    table, quarantine = read_text(tmp_path, text, time="t")
    assert kept_aside(quarantine) == [
        ("events.csv", 3, "t", "not a time: 'never'"),
        ("events.csv", 4, "t", "missing time"),
        ("events.csv", 5, "user", "missing user"),
        ("events.csv", 6, "r", "not a number: 'many'"),
    ]
    assert table.quarantined == 4
    assert table.frame["@row"].to_list() == [0, 5, 6]
    assert table.frame["r"].to_list() == [1.0, None, 1.0]
    assert table.duplicates == 19


def test_a_row_is_kept_aside_once(tmp_path: Path) -> None:
    _, quarantine = read_text(tmp_path, "user,item,r\n,,x\n" + GOOD)
    assert kept_aside(quarantine) == [("events.csv", 2, "r", "not a number: 'x'")]


def test_lines_count_the_line_ends_within_fields(tmp_path: Path) -> None:
    text = 'user,item,r\n"u\n1",i,1\n"u2","i\n\n2",oops\n' + GOOD
    table, quarantine = read_text(tmp_path, text)
    assert kept_aside(quarantine) == [("events.csv", 4, "r", "not a number: 'oops'")]
    assert table.frame["@user"][0] == "u\n1"


def test_a_table_that_is_mostly_bad_is_refused_with_the_commonest_reason(tmp_path: Path) -> None:
    rows = "u,i,good\n" * 3 + "u,i,NaN\n" + "u,i,1\n" * 11
    with pytest.raises(DataError) as caught:
        read_text(tmp_path, "user,item,r\n" + rows)
    assert "4 of 15 rows are bad" in caught.value.message
    assert "column 'r' is not a number: 'good' (events.csv, row 2)" in caught.value.message
    assert "\n" not in str(caught.value)


def test_a_fifth_of_bad_rows_is_still_borne(tmp_path: Path) -> None:
    table, _ = read_text(tmp_path, "user,item,r\n" + "u,i,x\n" * 2 + "u,i,1\n" * 8)
    assert (table.quarantined, table.frame.height) == (2, 8)


def test_nothing_left_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no rows"):
        read_table(tmp_path, {"frame": pl.DataFrame({"a": []}), "columns": {"a": "number"}}, "rows")


def test_rows_of_parquet_count_from_one(tmp_path: Path) -> None:
    pl.DataFrame({"r": [1.0, float("nan"), None, *[2.0] * 20]}).write_parquet(tmp_path / "a.parquet")
    table, quarantine = read_table(tmp_path, {"path": "a.parquet", "columns": {"r": "number"}}, "rows")
    assert kept_aside(quarantine) == [("a.parquet", 2, "r", "not a number: nan")]
    assert table.frame["r"].to_list()[:2] == [1.0, None]


def test_long_cells_are_shortened_in_the_reason(tmp_path: Path) -> None:
    _, quarantine = read_text(tmp_path, "user,item,r\nu,i," + "x" * 500 + "\n" + GOOD)
    assert len(quarantine["reason"][0]) < 70
