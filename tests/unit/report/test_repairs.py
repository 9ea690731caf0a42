from motet.report.repairs import calibration_beside, repairs_tried
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
    assert calibration_beside({"price": {"calibration": {}}, "old": {}}, EN) is None


def test_every_rung_that_was_climbed_has_its_cost():
    found = repairs_tried({"a": {"tried": TRIED}, "b": {"tried": []}}, {"joint_runs": 3.25}, EN)
    assert cells(found) == [["a", "valve", "12.5 s", "did not hold"], ["a", "private", "2.17 min", "held"]]
    assert "as long as 3.2 joint runs" in read_page(found).text


def test_without_repairs_the_cost_alone_is_told_and_old_certificates_say_nothing():
    assert "2.0 次" in read_page(repairs_tried({"a": {}}, {"joint_runs": 2.0}, ZH)).text
    assert repairs_tried({"a": {}}, {}, EN) is None and repairs_tried({}, {"joint_runs": None}, EN) is None
