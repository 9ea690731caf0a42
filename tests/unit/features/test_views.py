import polars as pl
import pytest

from motet.features.views import View, row_columns, text_columns, views_of
from motet.schema import Binary, ClassTask, Project

FRAME = pl.DataFrame({"a": ["x"], "b": ["y"], "c": [1.0], "t": ["words"], "s": ["more"], "yes": [True]})


def project(columns, *tasks):
    return Project(tables={"people": {"frame": FRAME, "columns": columns}}, tasks=list(tasks))


PLAIN = {"a": "category", "b": "category", "c": "number", "yes": "flag"}


def test_without_text_every_plain_column_is_shown_but_every_label_hidden():
    made = project(
        PLAIN, Binary(name="yes", table="people", column="yes"), ClassTask(name="a", table="people", column="a")
    )
    assert row_columns(made, made.tasks["yes"]) == ("b", "c")
    assert row_columns(made, made.tasks["a"]) == ("b", "c")


def test_with_text_only_listed_columns_are_shown():
    columns = {**PLAIN, "t": "text"}
    task = Binary(name="yes", table="people", column="yes")
    assert row_columns(project(columns, task), task) == ()
    listed = Binary(name="yes", table="people", column="yes", inputs=("c", "t", "user"))
    assert row_columns(project(columns, listed), listed) == ("c", "t")


def test_a_listed_key_is_no_column():
    columns = {**PLAIN, "t": "text"}
    task = Binary(name="yes", table="people", column="yes", inputs=("a", "b"))
    made = Project(tables={"people": {"frame": FRAME, "user": "a", "columns": columns}}, tasks=[task])
    assert row_columns(made, task) == ("b",)


def test_texts_are_those_named_or_all_that_are_no_label():
    columns = {**PLAIN, "t": "text", "s": "text"}
    plain = Binary(name="yes", table="people", column="yes")
    assert text_columns(project(columns, plain), plain) == ("t", "s")
    named = plain.model_copy(update={"text": ("s",)})
    assert text_columns(project(columns, named), named) == ("s",)
    label = ClassTask(name="t", table="people", column="t")
    assert text_columns(project(columns, plain, label), plain) == ("s",)


@pytest.mark.parametrize("world", ["study", "windowed"])
def test_no_view_shows_a_label_of_its_table(world, request):
    study = request.getfixturevalue(world)
    for task, view in study.features.state.views.items():
        labels = study.project.label_columns(view.table)
        assert not labels & {*view.text, *view.columns}, task
        assert study.project.tasks[task].table == view.table or view.table == "events"


def test_tasks_of_one_view_share_its_name_and_no_others(study):
    views = views_of(study.project, study.examples)
    assert views["next_item"].name == views["interest"].name
    assert views["buy"].name == views["rating"].name
    assert views["brand"].name == views["categories"].name == views["price"].name
    assert len({view.name for view in views.values()}) == 6


def test_names_tell_views_apart():
    views = [
        View("events", ("history",)),
        View("events", ("history", "item")),
        View("notes", ("text",), ("t",)),
        View("notes", ("text",), ("s",)),
        View("notes", ("text", "row"), ("s",), ("c",)),
        View("items", ("item",)),
        View("items", ("item", "row"), (), ("c",)),
    ]
    assert len({view.name for view in views}) == len(views)
