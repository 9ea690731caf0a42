import gzip
import math
import sqlite3
import subprocess
import sys
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motet.data import read_tables, write_quarantine
from motet.errors import DataError
from motet.schema import Project

from ._files import GOOD, kept_aside, read_table, read_text

ROWS = {"user": ["u1", "u2"], "item": ["i1", "i2"], "r": [1.0, None], "extra": [1, 2]}
SPEC = {"user": "user", "item": "item", "columns": {"r": "number"}}
EXPECTED = [(0, "u1", "i1", 1.0), (1, "u2", "i2", None)]


def write(frame: pl.DataFrame, path: Path) -> None:
    kind = path.name.removesuffix(".gz").rsplit(".")[-1]
    if kind == "parquet":
        frame.write_parquet(path)
        return
    text = (
        frame.write_ndjson() if kind in ("jsonl", "json") else frame.write_csv(separator="\t" if kind == "tsv" else ",")
    )
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


@pytest.mark.parametrize(
    "file", ["a.csv", "a.tsv", "a.jsonl", "a.json", "a.parquet", "a.csv.gz", "a.tsv.gz", "a.jsonl.gz", "a.json.gz"]
)
def test_every_format_reads_the_same(tmp_path: Path, file: str) -> None:
    write(pl.DataFrame(ROWS), tmp_path / file)
    table, quarantine = read_table(tmp_path, {"path": file, **SPEC})
    assert table.frame.columns == ["@row", "@user", "@item", "r"]
    assert table.frame.dtypes == [pl.Int64, pl.String, pl.String, pl.Float64]
    assert table.frame.rows() == EXPECTED
    assert (table.rows_read, table.quarantined, table.time_unit, quarantine.height) == (2, 0, "none", 0)


@pytest.mark.parametrize(
    "frame",
    [pl.DataFrame(ROWS), pl.LazyFrame(ROWS), pd.DataFrame(ROWS), pa.table(ROWS), ROWS],
    ids=lambda f: type(f).__name__,
)
def test_every_frame_reads_the_same(tmp_path: Path, frame: object) -> None:
    table, _ = read_table(tmp_path, {"frame": frame, **SPEC})
    assert table.frame.rows() == EXPECTED


def test_a_frame_that_declares_nothing_is_understood() -> None:
    frame = pl.DataFrame({"user_id": [1, 1, 2], "item_id": [5, 6, 5], "time": [1, 2, 3], "rating": [5, 4, 5]})
    table = read_tables(Project(tables={"events": frame}, tasks={"n": {"kind": "next_item"}}))["events"]
    assert table.frame.columns == ["@row", "@user", "@item", "@time", "rating"]
    assert table.spec.keys() == {"user": "user_id", "item": "item_id", "time": "time"}


def test_what_is_no_frame_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no data frame"):
        read_table(tmp_path, {"frame": 5, **SPEC})


def test_files_of_a_glob_are_read_in_order_and_rows_count_on(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("r,item,user\n9,i9,u9\nx,i9,u9\n" + "1,i,u\n" * 9)
    (tmp_path / "a.csv").write_text("user,item,r\nu1,i1,1\n")
    table, quarantine = read_table(tmp_path, {"path": "*.csv", **SPEC})
    assert table.frame.rows()[:3] == [(0, "u1", "i1", 1.0), (1, "u9", "i9", 9.0), (3, "u", "i", 1.0)]
    assert kept_aside(quarantine) == [("b.csv", 3, "r", "not a number: 'x'")]


def test_files_of_a_glob_may_differ_in_type(tmp_path: Path) -> None:
    pl.DataFrame({"user": [1], "item": [1], "r": [1]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"user": ["x"], "item": [2.0], "r": ["2"]}).write_parquet(tmp_path / "b.parquet")
    table, _ = read_table(tmp_path, {"path": "?.parquet", **SPEC})
    assert table.frame.rows() == [(0, "1", "1", 1.0), (1, "x", "2", 2.0)]


def test_only_declared_columns_are_read(tmp_path: Path) -> None:
    table, _ = read_text(tmp_path, "user,item,secret,r\nu,i,s,1\n")
    assert "secret" not in table.frame.columns


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_separators_are_noticed(tmp_path: Path, mark: str) -> None:
    table, _ = read_text(tmp_path, "user,item,r\nu,i,1\n".replace(",", mark))
    assert table.frame.rows() == [(0, "u", "i", 1.0)]


def test_a_database_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as base:
        base.execute("create table t (user text, item integer, r real)")
        base.executemany("insert into t values (?, ?, ?)", [("u1", 1, 1.0), ("u2", 2, None)])
    base.close()
    monkeypatch.setenv("SHOP_URL", "sqlite:///shop.db")
    for url in ("sqlite:///shop.db", "env:SHOP_URL"):
        table, _ = read_table(tmp_path, {"url": url, "query": "select * from t", **SPEC})
        assert table.frame.rows() == [(0, "u1", "1", 1.0), (1, "u2", "2", None)]
    for url, query, said in [
        ("env:NO_SUCH_URL", "select 1", "NO_SUCH_URL is not set"),
        ("sqlite:///no.db", "select 1", "no SQLite file"),
        ("sqlite:///shop.db", "select * from nowhere", "query failed"),
    ]:
        with pytest.raises(DataError, match=said):
            read_table(tmp_path, {"url": url, "query": query, **SPEC})


@pytest.mark.parametrize(
    ("spec", "removed"),
    [
        ({"user": "user", "item": "item"}, 0),
        ({"user": "user", "item": "item", "time": "r"}, 1),
        ({"id": "item"}, 1),
        ({"user": "user", "item": "item", "time": "r", "dedupe": False}, 0),
        ({"user": "user", "item": "item", "dedupe": True}, 1),
    ],
)
def test_equal_rows_go_where_rows_have_a_name(tmp_path: Path, spec: dict[str, object], removed: int) -> None:
    frame = pl.DataFrame({"user": ["u", "u", "v"], "item": ["a", "a", "b"], "r": [1, 1, 2]})
    table, _ = read_table(tmp_path, {"frame": frame, "columns": {"r": "number"}, **spec})
    assert table.duplicates == removed
    last = 1 if spec.get("dedupe") else 2
    assert table.frame["@row"].to_list() == ([0, last] if removed else [0, 1, 2])


def test_a_bad_row_moves_no_later_row_to_another_number(tmp_path: Path) -> None:
    numbers = [str(n // 2) if n < 10 else str(n) for n in range(40)]  # five rows come twice, one after the other
    spec = {"columns": {"r": "number"}, "dedupe": True}
    table, _ = read_table(tmp_path, {"frame": pl.DataFrame({"r": numbers}), **spec}, "readings")
    assert table.duplicates == 5 and table.frame["@row"].to_list() == list(range(35))
    bad = {20: "oops", 30: "never"}
    broken = pl.DataFrame({"r": [bad.get(n, number) for n, number in enumerate(numbers)]})
    again, quarantine = read_table(tmp_path, {"frame": broken, **spec}, "readings")
    assert [entry[1] for entry in kept_aside(quarantine)] == [21, 31] and again.duplicates == 5
    assert again.frame.rows() == [row for row in table.frame.rows() if row[1] not in (20, 30)]


def test_a_second_row_of_an_id_moves_no_later_row(tmp_path: Path) -> None:
    names = [f"i{n}" for n in range(12)]
    names[5] = "i0"
    frame = pl.DataFrame({"sku": [*names, "i11"], "price": [*range(12), 11]})
    spec = {"frame": frame, "id": "sku", "columns": {"price": "number"}, "dedupe": True}
    table, _ = read_table(tmp_path, spec, "items")
    assert (table.quarantined, table.duplicates) == (1, 1)
    assert table.frame["@row"].to_list() == [n for n in range(12) if n != 5]


def test_rows_that_differ_in_tags_alone_are_not_equal(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1, 1, 1], "t": ["a|b", "a", "a|b"]})
    table, _ = read_table(tmp_path, {"frame": frame, "id": "id", "columns": {"t": "tags"}}, "other")
    assert table.frame["t"].to_list() == [["a", "b"], ["a"]]


def test_the_first_row_of_an_id_stays(tmp_path: Path) -> None:
    rows = [(f"i{n}", n) for n in range(10)] + [("i3", 3), ("i3", 99)]
    frame = pl.DataFrame(rows, schema=["sku", "price"], orient="row")
    table, quarantine = read_table(tmp_path, {"frame": frame, "item": "sku", "columns": {"price": "number"}}, "items")
    assert table.frame.filter(pl.col("@id") == "i3")["price"].to_list() == [3.0]
    assert (table.duplicates, table.quarantined) == (1, 1)
    assert kept_aside(quarantine) == [("(in memory)", 12, "sku", "duplicate id: 'i3'")]


def test_undirected_pairs_are_one_row_and_self_pairs_none(tmp_path: Path) -> None:
    pairs = [("a", "b"), ("b", "a"), ("c", "a"), ("b", "b")] + [(f"x{n}", f"y{n}") for n in range(6)]
    frame = pl.DataFrame(pairs, schema=["one", "two"], orient="row")
    table, quarantine = read_table(tmp_path, {"frame": frame, "user": "one", "other": "two"}, "friends")
    assert table.frame.select("@user", "@other").rows()[:2] == [("a", "b"), ("a", "c")]
    assert (table.frame.height, table.duplicates) == (8, 1)
    assert kept_aside(quarantine) == [("(in memory)", 4, "two", "related to itself")]
    directed, _ = read_table(tmp_path, {"frame": frame, "user": "one", "other": "two", "directed": True}, "friends")
    assert directed.frame.select("@user", "@other").rows()[:3] == [("a", "b"), ("b", "a"), ("c", "a")]


def test_outliers_are_counted_and_stay(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [*range(100), 10_000], "b": [0.0] * 100 + [5.0], "c": [1.0] * 101})
    spec = {"frame": frame, "columns": dict.fromkeys("abc", "number")}
    table, _ = read_table(tmp_path, spec, "rows")
    assert table.outliers == {"a": 1, "b": 1}
    assert table.frame.height == 101


def test_tails_and_grades_are_no_outliers(tmp_path: Path) -> None:
    spent = [math.exp(n / 100) for n in range(1000)]
    frame = pl.DataFrame(
        {"spent": spent, "grade": [5.0] * 960 + [1.0] * 40, "age": [30.0 + n % 7 for n in range(996)] + [999.0] * 4}
    )
    table, _ = read_table(tmp_path, {"frame": frame, "columns": dict.fromkeys(frame.columns, "number")}, "rows")
    assert table.outliers == {"age": 4}


def test_an_event_may_lack_an_item_only_if_it_says_something(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"user": ["u"] * 12, "item": [*map(str, range(10)), "", None], "q": [None] * 10 + ["shoes", None]}
    )
    table, quarantine = read_table(tmp_path, {"frame": frame, "user": "user", "item": "item", "columns": {"q": "text"}})
    assert table.frame.height == 11
    assert kept_aside(quarantine) == [("(in memory)", 12, "item", "missing item")]


def test_progress_is_told_and_quarantine_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("user,item,r\n,i,1\n" + GOOD)
    told: list[str] = []
    project = Project(tables={"events": {"path": "a.csv", **SPEC}}, tasks={"n": {"kind": "next_item"}}, root=tmp_path)
    write_quarantine(read_tables(project, on_progress=told.append).quarantine, tmp_path / "out" / "quarantine.parquet")
    written = pl.read_parquet(tmp_path / "out" / "quarantine.parquet")
    assert told == ["events"]
    assert written.rows() == [("events", "a.csv", 2, "user", "missing user")]


def test_a_part_may_lack_a_column_that_others_have(tmp_path: Path) -> None:
    (tmp_path / "p1.csv").write_text("user,item,r\nu,i,1\n")
    (tmp_path / "p2.csv").write_text("item,user\nj,v\n")
    (tmp_path / "p3.csv").write_text("user,item\nw,k\n")
    with pytest.warns(UserWarning, match="Column 'r' is missing in 'p2.csv' and 1 more, and unknown there") as warned:
        table, aside = read_table(tmp_path, {"path": "p*.csv", **SPEC})
    assert len(warned) == 1 and aside.height == 0
    assert table.frame.select("@user", "@item", "r").rows() == [("u", "i", 1.0), ("v", "j", None), ("w", "k", None)]
    pl.DataFrame({"user": ["x"], "item": ["l"], "r": [2.0]}).write_parquet(tmp_path / "p0.parquet")
    with pytest.warns(UserWarning, match="'p2.csv'"):
        table, _ = read_table(tmp_path, {"path": "p*", **SPEC})
    assert table.frame["r"].to_list() == [2.0, 1.0, None, None]


def test_a_column_that_no_part_has_and_a_key_stay_errors(tmp_path: Path) -> None:
    (tmp_path / "p1.csv").write_text("user,item,x\nu,i,1\n")
    (tmp_path / "p2.csv").write_text("user,item,x\nu,i,1\n")
    with pytest.raises(DataError, match="'p1.csv' has no column 'r'"):
        read_table(tmp_path, {"path": "p*.csv", **SPEC})
    (tmp_path / "p2.csv").write_text("user,r\nu,1\n")
    with pytest.raises(DataError, match="'p2.csv' has no column 'item'"):
        read_table(tmp_path, {"path": "p*.csv", **SPEC})


CELL = st.text(
    st.characters(blacklist_characters="\x00", blacklist_categories=("Cs", "Cc")) | st.sampled_from(',"\n;'), max_size=8
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8))
def test_a_well_written_csv_comes_back_whole(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    frame = pl.DataFrame({"n": range(len(rows)), "a": [a for a, _ in rows], "b": [b for _, b in rows]})
    frame.write_csv(tmp_path / "t.csv", quote_style="non_numeric")
    columns = {"n": "number", "a": "text", "b": "text"}
    from_csv, aside = read_table(tmp_path, {"path": "t.csv", "columns": columns}, "rows")
    in_memory, _ = read_table(tmp_path, {"frame": frame, "columns": columns}, "rows")
    assert aside.height == 0
    assert from_csv.frame.rows() == in_memory.frame.rows()


def test_the_import_stays_light() -> None:
    code = (
        "import sys, motet.data; print([m for m in ('torch','sklearn','scipy','pandas','pyarrow') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
