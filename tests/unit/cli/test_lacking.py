import pytest

from motet.cli.lacking import lacking

COLUMNS = {"age": "number", "job": "category", "note": "time", "income": "number", "happy": "flag"}
TASKS = {
    "income": {"kind": "number", "table": "people", "column": "income"},
    "happy": {"kind": "binary", "table": "people", "column": "happy", "inputs": ["job"]},
}


@pytest.mark.parametrize(
    ("task", "given", "found"),
    [
        ("income", ["age", "job"], []),
        ("income", ["age"], ["job"]),
        ("income", [], ["age", "job"]),
        ("happy", ["age"], ["job"]),
    ],
)
def test_columns_that_a_task_reads_and_that_are_not_there(task: str, given: list[str], found: list[str]) -> None:
    project = {"tables": {"people": {"path": "people.csv", "columns": COLUMNS}}, "tasks": TASKS}
    assert lacking(project, task, given) == found


def test_beside_a_text_only_inputs_are_read() -> None:
    project = {"tables": {"people": {"path": "p.csv", "columns": {**COLUMNS, "letter": "text"}}}, "tasks": TASKS}
    assert lacking(project, "income", ["letter"]) == []
    assert lacking(project, "happy", ["letter"]) == ["job"]


def test_events_show_what_inputs_name() -> None:
    task = {"kind": "rating", "column": "stars", "inputs": ["price", "user"]}
    events = {"path": "e.csv", "user": "user", "item": "item", "columns": {"price": "number", "shop": "category"}}
    assert lacking({"tables": {"events": events}, "tasks": {"stars": task}}, "stars", ["user"]) == ["price"]
