import pytest

from motet.report.saved import Saved
from motet.report.slices import ENOUGH, groups, slices, weakest
from motet.report.words import words

from ._reader import read_page, x_of


def saved(rows, **overall):
    metrics = {"tasks": {task: dict([pair]) for task, pair in overall.items()}}
    keys = ("task", "slice", "label", "metric", "value", "n")
    return Saved("s", metrics=metrics, slices=[dict(zip(keys, row, strict=True)) for row in rows])


AUC = [
    ("t", "item", "cold", "auc", 0.6, 50),
    ("t", "item", "warm", "auc", 0.9, 500),
    ("t", "item", "odd", "auc", 0.1, 5),
]


def test_gaps_are_relative_and_point_to_the_worse_side():
    (lower, higher) = groups(
        saved([("a", "x", "l", "mae", 1.5, 40), ("b", "x", "l", "auc", 0.6, 40)], a=("mae", 1.0), b=("auc", 0.8))
    )
    assert (lower.gap, higher.gap) == pytest.approx((0.5, 0.25))


def test_the_weakest_group_with_enough_questions_is_named():
    assert AUC[2][5] < ENOUGH
    found = weakest(groups(saved(AUC, t=("auc", 0.8))))
    assert [(group.label, group.gap) for group in found] == [("cold", pytest.approx(0.25))]


def test_small_gaps_and_undefined_values_are_not_named():
    rows = [("t", "item", "a", "auc", 0.79, 99), ("t", "item", "b", "auc", None, 99)]
    assert weakest(groups(saved(rows, t=("auc", 0.8)))) == []
    page = read_page(slices(saved(rows, t=("auc", 0.8)), words("en")))
    assert "No group of at least 30 questions falls behind its task by more than 5 %." in page.text


def test_bars_lie_where_the_numbers_say_weakest_first():
    page = read_page(slices(saved(AUC, t=("auc", 0.8)), words("en")))
    assert "t is weakest where item is cold: auc 0.6000 against 0.8000 overall (n = 50)." in page.text
    bars = page.all("div", "bar-row")
    assert [bar.one("span", "bar-name").text.split() for bar in bars] == [["odd", "few"], ["cold", "weakest"], ["warm"]]
    widths = [x_of(bar.one("rect"), "width") for bar in bars]
    assert widths == pytest.approx([100 * 0.1 / 0.9, 100 * 0.6 / 0.9, 100], abs=0.01)
    assert x_of(bars[0].one("line", "overall"), "x1") == pytest.approx(100 * 0.8 / 0.9, abs=0.01)


def test_values_of_zero_have_no_bar():
    page = read_page(slices(saved([("t", "item", "a", "auc", 0.0, 99)], t=("auc", 0.0)), words("en")))
    assert x_of(page.one("rect"), "width") == 0


def test_no_slices():
    assert "Nothing was saved" in read_page(slices(saved([]), words("en"))).text
