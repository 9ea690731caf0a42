import pytest

from motet.report.repairs import calibration_beside, repair_said, repairs_tried
from motet.report.words import words

from ._reader import read_page

EN, ZH = words("en"), words("zh")
CALIBRATION = {"log_loss": {"twin": 0.61, "joint": 0.59}, "ece": {"twin": 0.02, "joint": None}}
TRIED = [
    {"rung": "valve", "seconds": 12.5, "passed": False},
    {"rung": "private", "seconds": 130.0, "passed": True},
]


def cells(html):
    rows = read_page(html).one("tbody").all("tr")
    return [[cell.text for cell in row.children] for row in rows]


def test_both_sides_are_shown_where_a_task_promises_probabilities():
    found = calibration_beside({"a": {"calibration": CALIBRATION}, "price": {"calibration": {}}, "old": {}}, EN)
    assert cells(found) == [["a", "0.6100", "0.5900", "0.0200", "–"]]
    assert EN("calibration_beside_lead") in read_page(found).one("p", "lead").text
    assert "ece\u00a0↓ joint" in [head.text for head in read_page(found).all("th")]
    assert calibration_beside({"price": {"calibration": {}}, "old": {}}, EN) is None


def test_every_rung_that_was_climbed_has_its_cost():
    found = repairs_tried({"a": {"tried": TRIED}, "b": {"tried": []}}, {"joint_runs": 3.25}, EN)
    assert cells(found) == [["a", "valve", "12.5 s", "did not hold"], ["a", "private", "2.17 min", "held"]]
    assert "3.2 times as long as that of the joint model, all seeds counted in both" in read_page(found).text


def test_without_repairs_the_cost_alone_is_told_and_old_certificates_say_nothing():
    assert "2.0 倍" in read_page(repairs_tried({"a": {}}, {"joint_runs": 2.0}, ZH)).text
    assert repairs_tried({"a": {}}, {}, EN) is None and repairs_tried({}, {"joint_runs": None}, EN) is None


@pytest.mark.parametrize(
    ("row", "english", "chinese"),
    [
        ({"repair": None}, "", ""),
        ({"repair": "valve"}, "valve", "valve"),
        ({"repair": None, "repairs": {"none": 5}}, "", ""),
        ({"repair": "twin", "repairs": {"twin": 5}}, "twin in 5 of 5 folds", "5 折中 twin 有 5 折"),
        (
            {"repair": None, "repairs": {"twin": 3, "valve": 1, "none": 1}},
            "twin in 3, valve in 1 of 5 folds; ships: none",
            "5 折中 twin 有 3 折、valve 有 1 折；交付：无",
        ),
        (
            {"repair": "twin", "repairs": {"none": 4, "twin": 1}},
            "twin in 1 of 5 folds; ships: twin",
            "5 折中 twin 有 1 折；交付：twin",
        ),
    ],
)
def test_over_folds_a_repair_says_in_how_many(row, english, chinese):
    assert (repair_said(row, EN), repair_said(row, ZH)) == (english, chinese)
