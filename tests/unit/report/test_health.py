from motet.report.health import health
from motet.report.saved import Saved
from motet.report.words import words

from ._reader import read_page, x_of

DATA = {
    "tables": {"events": {"rows_read": 1000, "rows": 990, "duplicates": 7, "quarantined": 3, "outliers": {"age": 2}}},
    "tasks": {"t": {"train": 60, "valid": 20, "test": 20, "coverage": 0.5, "left_out": {"unknown label": 9}}},
    "removed": {},
    "split": "time",
    "truncated_texts": 12,
}


def test_counts_are_shown():
    page = read_page(health(Saved("s", metrics={"data": DATA}), words("en")))
    tables, labels = page.all("tbody")
    assert [cell.text for cell in tables.one("tr").children] == ["events", "1,000", "990", "7", "3", "age 2"]
    assert [c.text for c in labels.one("tr").children] == ["t", "60", "20", "20", "", "50.0 %", "unknown label 9"]
    facts = [pair.text for pair in page.one("dl").children]
    assert facts == ["Splittime", "Removed by the splitnone", "Texts cut to length12"]


def test_the_parts_fill_their_bar():
    page = read_page(health(Saved("s", metrics={"data": DATA}), words("en")))
    bars = page.one("svg", "parts").all("rect")
    assert [(x_of(bar), x_of(bar, "width")) for bar in bars] == [(0, 60), (60, 20), (80, 20)]


def test_reasons_are_in_the_language():
    assert "标签未知 9" in read_page(health(Saved("s", metrics={"data": DATA}), words("zh"))).text


def test_without_counts():
    assert "Nothing was saved" in read_page(health(Saved("s"), words("en"))).text
    empty = {"tables": {"e": {}}, "tasks": {"t": {}}}
    assert read_page(health(Saved("s", metrics={"data": empty}), words("en"))).all("tbody")


def test_texts_cut_for_ngrams_are_shown_where_there_are_some():
    page = health(Saved("s", metrics={"data": {**DATA, "cut_texts": 3}}), words("zh"))
    assert "为 n 元语法截断的文本3" in read_page(page).text.replace("\n", "").replace(" 3", "3")
    assert "n 元语法" not in read_page(health(Saved("s", metrics={"data": DATA}), words("zh"))).text
