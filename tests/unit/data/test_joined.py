from dataclasses import replace

import polars as pl
import pytest

from motet.data import ID, ITEM, ROW, TIME, USER, Table, Tables
from motet.data.joined import next_row, users_of, with_rows, without_copies, without_users
from motet.errors import DataError
from motet.schema import TableSpec


def table(users, *, name="events", unit="ms", read=None, **spec):
    frame = pl.DataFrame({ROW: range(len(users)), USER: users}, schema={ROW: pl.Int64, USER: pl.String})
    return Table(name, TableSpec(path="x", user="user", **spec), frame, unit, rows_read=read or len(users))


def test_new_rows_are_numbered_behind_all_that_were_read_bad_ones_too():
    old, more = table(["a", "b"], read=5), table(["c", "a"])
    both = with_rows(old, more)
    assert next_row(old) == 5
    assert both.frame[ROW].to_list() == [0, 1, 5, 6]
    assert both.frame[USER].to_list() == ["a", "b", "c", "a"]
    assert both.rows_read == 7


def test_rows_that_are_sent_twice_count_once_where_a_table_says_so():
    both = with_rows(table(["a", "b"], dedupe=True), table(["b", "c"], dedupe=True))
    assert both.frame[USER].to_list() == ["a", "b", "c"]
    assert both.duplicates == 1


def test_events_of_a_log_are_each_their_own_however_equal():
    both = with_rows(table(["a", "b"], dedupe=True), table(["b", "b"], dedupe=True), logged=True)
    assert both.frame[USER].to_list() == ["a", "b", "b", "b"] and both.duplicates == 0
    again = with_rows(both, table(["b", "c"], dedupe=True))
    assert again.frame[USER].to_list() == ["a", "b", "b", "b", "c"], "a file's rows let those of a log be"


def test_a_row_of_a_table_stands_for_one_event_of_a_log():
    def events(rows):
        schema = {USER: pl.String, ITEM: pl.String, TIME: pl.Int64, "done": pl.String, "stars": pl.Float64}
        frame = pl.DataFrame(rows, schema=schema, orient="row").with_row_index(ROW).cast({ROW: pl.Int64})
        spec = TableSpec(path="x", user="user", item="item", time="time", columns={"done": "behaviour"})
        return Table("events", spec, frame, "ms", rows_read=len(rows))

    rows = events([("a", "i", 5, "buy", 3.0), ("a", None, 5, None, None), ("a", "i", 6, "buy", None)]).frame
    sent = [
        ("a", "i", 5, "buy", None),
        ("a", "i", 5, "buy", None),
        ("a", None, 5, None, None),
        ("a", "i", 7, "buy", 1.0),
    ]
    kept, left = without_copies(events(sent), rows)
    assert kept.frame.select(ITEM, TIME).rows() == [("i", 5), ("i", 7)] and kept.duplicates == 2
    assert left.select(ITEM, TIME).rows() == [("i", 6)]
    once_more, _ = without_copies(events(sent[:1]), left)
    assert once_more.frame.height == 1, "a row stands for one event, also of another reading of the log"
    order = replace(events(sent), time_unit="order")
    assert without_copies(order, rows)[0].frame.height == 4


def test_an_id_that_is_there_keeps_its_row():
    def items(ids, words):
        frame = pl.DataFrame({ROW: range(len(ids)), ID: ids, "t": words}, schema_overrides={ROW: pl.Int64})
        return Table("items", TableSpec(path="x", id="id", columns={"t": "text"}), frame, rows_read=len(ids))

    both = with_rows(items(["i"], ["old"]), items(["i", "j"], ["new", "new"]))
    assert both.frame.select(ID, "t").rows() == [("i", "old"), ("j", "new")]


def test_times_of_another_kind_are_refused():
    with pytest.raises(DataError, match="count time as 'order'"):
        with_rows(table(["a"]), table(["b"], unit="order"))


def test_users_leave_every_table_or_only_its_old_rows():
    tables = Tables({"events": table(["a", "b", None, "a"])}, pl.DataFrame())
    assert users_of(tables, ["events", "nothing"]) == {"a", "b"}
    assert without_users(tables, {"a"}).frame("events")[USER].to_list() == ["b", None]
    assert without_users(tables, {"a"}, before={"events": 2}).frame("events")[USER].to_list() == ["b", None, "a"]
