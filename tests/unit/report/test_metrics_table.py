from motet.evaluate import METRICS
from motet.report.metrics_table import metrics_table
from motet.report.saved import ERRORS, Saved
from motet.report.words import words

from ._reader import read_page


def test_tasks_that_are_judged_alike_share_a_table():
    judged = {"a": {"auc": 0.8, "ece": 0.1}, "b": {"mae": 1.0}, "c": {"auc": 0.7, "ece": None}}
    kinds = {"a": "binary", "b": "number", "c": "binary"}
    saved = Saved("s", kinds=kinds, metrics={"tasks": judged, "questions": {"a": 1234}})
    page = read_page(metrics_table(saved, words("en")))
    first, second = page.all("table")
    assert [cell.text for cell in first.one("thead").all("th")] == ["task", "questions", "auc", "ece\u00a0↓"]
    rows = [[cell.text for cell in row.children] for row in first.one("tbody").all("tr")]
    assert rows == [["a", "1,234", "0.8000", "0.1000"], ["c", "–", "0.7000", "–"]]
    assert [strong.text for strong in page.all("strong")] == ["0.8000", "0.7000", "1.0000"]


def test_errors_are_those_of_the_metrics():
    assert {name for name in METRICS.names() if METRICS.get(name).lower_is_better} == ERRORS
