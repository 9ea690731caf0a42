import polars as pl

from motet.schema import NextItem, Project
from motet.schema.shown import render_html

HOSTILE = "<script>alert(1)</script>"


def project(**tables):
    events = {"path": "sales.csv", "user": "who", "item": HOSTILE, "time": "at", "columns": {"stars": "number"}}
    return Project(tables={"events": events, **tables}, tasks=[NextItem(name="<i>next</i>")])


def test_it_names_tables_keys_columns_and_tasks():
    shown = project()._repr_html_()
    for told in ("sales.csv", "user = who", "stars: number", "next_item", "ndcg@10", "split: leave_one_out"):
        assert told in shown


def test_names_are_escaped():
    shown = render_html(project())
    assert "<script" not in shown and "<i>" not in shown and "&lt;script&gt;" in shown


def test_a_password_is_left_out_and_a_frame_is_named():
    users = {"url": "postgresql://ann:secret@host/shop", "query": "select 1", "id": "user"}
    shown = render_html(project(users=users, items={"frame": pl.DataFrame({"a": [1]}), "id": "a"}))
    assert "secret" not in shown and "host/shop" in shown and "a data frame" in shown
