"""Tables from databases: typed, in pieces, read only, and without the password in any message."""

import sqlite3
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import polars as pl
import psycopg
import pytest

from motet.data import read_tables, sql
from motet.data.sql import read_query, to_series
from motet.errors import DataError, MissingExtra, ProjectError
from motet.schema import Project


@pytest.fixture
def shop(tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as base:
        base.execute("CREATE TABLE t (a, b)")
        base.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"b{n}") for n in range(10)])
    base.close()
    return tmp_path


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        ([1, None, 3], pl.Int64, [1, None, 3]),
        ([1, 2.5], pl.Float64, [1.0, 2.5]),
        ([Decimal("1.25"), None], pl.Float64, [1.25, None]),
        ([True, None], pl.Boolean, [True, None]),
        ([1, "x"], pl.String, ["1", "x"]),
        ([2**70, 1], pl.String, [str(2**70), "1"]),
        ([None, None], pl.Null, [None, None]),
        (["a", b"\xff"], pl.Binary, [b"a", b"\xff"]),
        ([memoryview(b"ab")], pl.Binary, [b"ab"]),
        ([date(2020, 1, 2)], pl.Date, [date(2020, 1, 2)]),
        (
            [date(2020, 1, 2), datetime(2020, 1, 2, 3)],
            pl.Datetime("us"),
            [datetime(2020, 1, 2), datetime(2020, 1, 2, 3)],
        ),
        ([datetime(2020, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))], pl.Datetime("us"), [datetime(2020, 1, 2, 1)]),
        ([["a", "b"], [], None], pl.List(pl.String), [["a", "b"], [], None]),
        ([[1, None]], pl.List(pl.String), [["1", None]]),
        ([{"ü": 1}], pl.String, ['{"ü": 1}']),
        ([timedelta(minutes=1)], pl.Float64, [60.0]),
    ],
    ids=str,
)
def test_every_kind_of_cell_has_its_type(cells, dtype, values):
    series = to_series("x", cells)
    assert series.dtype == dtype and series.to_list() == values


def test_rows_come_in_pieces_and_in_order(shop, monkeypatch):
    whole = read_query("sqlite:///shop.db", "SELECT * FROM t", shop)
    monkeypatch.setattr(sql, "ROWS", 3)
    assert read_query("sqlite:///shop.db", "SELECT * FROM t", shop).equals(whole)
    assert whole["a"].to_list() == list(range(10))


def test_pieces_of_different_types_lose_nothing(shop, monkeypatch):
    monkeypatch.setattr(sql, "ROWS", 2)
    for rows, dtype, expected in [
        ([1, 2, 2.5, None, None, None], pl.Float64, [1.0, 2.0, 2.5, None, None, None]),
        ([None, None, 1, 2, "x", None], pl.String, [None, None, "1", "2", "x", None]),
        ([None, None, None], pl.String, [None, None, None]),
        (["a", "b", b"\xff"], pl.String, ["a", "b", "\ufffd"]),
    ]:
        with sqlite3.connect(shop / "shop.db") as base:
            base.execute("DELETE FROM t")
            base.executemany("INSERT INTO t (a) VALUES (?)", [(cell,) for cell in rows])
        base.close()
        found = read_query("sqlite:///shop.db", "SELECT a FROM t ORDER BY rowid", shop)["a"]
        assert (found.dtype, found.to_list()) == (dtype, expected)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM nowhere", "no such table"),
        ("DELETE FROM t", "readonly"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT a, b AS a FROM t", "two columns 'a'"),
    ],
)
def test_a_query_that_fails_says_why_in_one_line(shop, query, said):
    with pytest.raises(DataError, match=said) as caught:
        read_query("sqlite:///shop.db", query, shop)
    assert caught.value.remedy and "\n" not in str(caught.value)
    assert read_query("sqlite:///shop.db", "SELECT count(*) AS n FROM t", shop)["n"].item() == 10


def test_a_result_without_rows_keeps_its_columns(shop):
    assert read_query("sqlite:///shop.db", "SELECT a, b FROM t WHERE 0", shop).columns == ["a", "b"]


def test_what_is_not_installed_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(sql, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"\.\[postgres\]"):
        read_query("postgresql://h/d", "SELECT 1", tmp_path)


def test_other_databases_need_their_driver(tmp_path):
    with pytest.raises(DataError, match="no driver for 'oddbase'") as caught:
        read_query("oddbase://ann:s3cret@h/d", "SELECT 1", tmp_path)
    assert "s3cret" not in str(caught.value)


def project(root, **events):
    tables = {"events": {"user": "user", "item": "item", "time": "at", **events}}
    return Project(tables=tables, tasks={"next": {"kind": "next_item", "table": "events"}}, root=root)


def test_a_table_has_one_source_and_a_url_is_one(tmp_path):
    for events in (
        {"path": "x.csv", "url": "sqlite:///x", "query": "SELECT 1"},
        {"url": "sqlite:///x"},
        {"url": "x.db", "query": "SELECT 1"},
    ):
        with pytest.raises(ProjectError):
            project(tmp_path, **events)


def test_the_saved_project_holds_no_password(tmp_path):
    text = project(tmp_path, url="postgresql://ann:p@ss/w:rd@h/d", query="SELECT 1").to_toml()
    assert "postgresql://ann:***@h/d" in text and "ss/w" not in text


def test_postgres_is_read_with_its_types_and_only_read(postgres_url, tmp_path, monkeypatch):
    monkeypatch.setattr(sql, "ROWS", 2)
    with psycopg.connect(postgres_url, autocommit=True) as base:
        base.execute(
            "CREATE TABLE buys (who text, what int, at timestamptz, price numeric, tags text[], more json, ok bool)"
        )
        for n in range(5):
            row = (f"u{n % 2}", n, f"2024-01-0{n + 1} 02:00+02", n + 0.25, ["a", f"t{n}"], '{"k": 1}', n % 2 == 0)
            base.execute("INSERT INTO buys VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
        base.execute("INSERT INTO buys (what) VALUES (9)")
    frame = read_query(postgres_url, "SELECT * FROM buys WHERE who LIKE 'u%' ORDER BY what", tmp_path)
    assert frame["at"].to_list() == [datetime(2024, 1, n + 1) for n in range(5)]
    assert frame["price"].to_list() == [n + 0.25 for n in range(5)] and frame["ok"].dtype == pl.Boolean
    assert frame["tags"].to_list()[4] == ["a", "t4"] and frame["more"][0] == '{"k": 1}'
    monkeypatch.setenv("SHOP", postgres_url)
    query = 'SELECT who AS "user", what AS item, at FROM buys ORDER BY item'
    tables = read_tables(project(tmp_path, url="env:SHOP", query=query))
    assert tables.frame("events").height == 5
    assert tables.quarantine.rows() == [("events", "query", 6, "user", "missing user")]
    for writing in ("DELETE FROM buys RETURNING who", "WITH x AS (DELETE FROM buys RETURNING 1) SELECT * FROM x"):
        with pytest.raises(DataError, match="query failed"):
            read_query(postgres_url, writing, tmp_path)
    assert read_query(postgres_url, "SELECT count(*) AS n FROM buys", tmp_path)["n"].item() == 6
    with pytest.raises(DataError, match="no_such_column") as caught:
        read_query(postgres_url, "SELECT no_such_column FROM buys", tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("address", ["ann:s3c%40ret@127.0.0.1:9/d", "127.0.0.1:9/d?user=a&password=s3c%40ret"])
def test_a_server_that_is_not_there_is_named_without_the_password(address, tmp_path):
    with pytest.raises(DataError, match="Table 'events'.*cannot be reached") as caught:
        read_tables(project(tmp_path, url=f"postgresql://{address}", query="SELECT 1"))
    assert "s3c" not in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(DataError, match="%40") as caught:
        read_tables(project(tmp_path, url="postgresql://ann:s3c@ret@127.0.0.1:9/d", query="SELECT 1"))
    assert "ret" not in str(caught.value)
