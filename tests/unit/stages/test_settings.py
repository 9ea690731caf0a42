import pytest

from motet.errors import MotetError, ProjectError
from motet.schema import Project
from motet.stages.settings import check_settings
from motet.testing.project import tiny_in_memory


def project(**chosen) -> Project:
    return tiny_in_memory(tasks=("sentiment", "rating"), settings=chosen)


def test_what_is_there_passes():
    check_settings(project())
    check_settings(project(sharing={"kind": "mmoe"}, balance={"kind": "dwa", "main": "rating"}))
    check_settings(project(sharing={"kind": "ple", "experts": 2}, balance={"strength": 0.5}))
    check_settings(project(sharing={"kind": "auto", "experts": 2}, balance={"kind": "auto", "strength": 0.5}))
    for kind in ("auto", "shared_bottom", "mmoe"):
        check_settings(project(sharing={"kind": kind, "valves": {"rating": 0.5}}))


def test_a_language_model_must_be_installed_where_there_is_something_to_read(monkeypatch):
    monkeypatch.setattr("motet.language.encoders.minilm.PACKAGE", "not_installed_here")
    tables = {"people": {"path": "p", "columns": {"a": "number", "b": "category", "y": "flag"}}}
    tasks = {"y": {"kind": "binary", "table": "people", "column": "y"}}
    check_settings(Project(tables=tables, tasks=tasks))
    for told in (
        {**tables, "items": {"path": "i", "id": "i", "columns": {"c": "tags"}}},
        {"people": {"path": "p", "columns": {**tables["people"]["columns"], "t": "text"}}},
    ):
        with pytest.raises(MotetError, match="minilm"):
            check_settings(Project(tables=told, tasks=tasks))
    with pytest.raises(MotetError, match="minilm"):
        check_settings(Project(tables=tables, tasks=tasks, encoder={"name": "minilm"}))


@pytest.mark.parametrize(
    ("settings", "message", "remedy"),
    [
        ({"sharing": {"kind": "mmoo"}}, "no sharing strategy called 'mmoo'|mmoo", "Did you mean 'mmoe'?"),
        ({"sharing": {"kind": "zzzz"}}, "shared_bottom", "Choose one of these."),
        ({"balance": {"kind": "zzzz"}}, "scale", "Choose one of these."),
        ({"balance": {"kind": "metabalance", "main": "ratin"}}, "balance.main", "Did you mean 'rating'?"),
        (
            {"balance": {"kind": "sum", "strength": 0.5}},
            "balance.strength is 0.5",
            "cagrad, gradnorm, metabalance, norm",
        ),
        ({"sharing": {"experts": 8}}, "sharing.experts is 8", "mmoe, ple"),
        ({"sharing": {"kind": "ple", "rank": 4}}, "sharing.rank is 4", "valve"),
        (
            {"sharing": {"kind": "single", "valves": {"rating": 0.5}}},
            r"sharing.valves is \{'rating': 0.5\}, but sharing.kind is 'single', which does not look at it",
            "shared_bottom",
        ),
        ({"encoder": {"name": "lexica"}}, "no encoder called 'lexica'", "Did you mean 'lexical'?"),
        ({"encoder": {"name": "a/b/c"}}, "no encoder called", "folder"),
        ({"train": {"device": "foo"}}, "no device 'foo'", "auto"),
    ],
)
def test_what_is_not_there_is_refused_before_any_table_is_read(settings, message, remedy):
    with pytest.raises(ProjectError, match=message) as caught:
        check_settings(project(**settings))
    assert remedy in caught.value.remedy


def test_a_metric_that_nobody_knows_is_refused():
    known = project()
    asking = known.tasks["rating"].model_copy(update={"metrics": ("maee",)})
    with pytest.raises(MotetError, match="maee"):
        check_settings(known.model_copy(update={"tasks": {"rating": asking}}))
