import pytest

from motet.report.calibration import calibration
from motet.report.saved import Saved
from motet.report.words import words

from ._reader import read_page, x_of


def test_dots_lie_where_the_numbers_say():
    bins = [{"confidence": 0.2, "frequency": 0.3, "count": 25}, {"confidence": 0.9, "frequency": 0.75, "count": 100}]
    saved = Saved("s", metrics={"tasks": {"t": {"ece": 0.123}}, "calibration": {"t": bins, "none": []}})
    page = read_page(calibration(saved, words("en")))
    dots = page.all("circle", "promise")
    assert [(x_of(dot, "cx"), x_of(dot, "cy")) for dot in dots] == [(20, 70), (90, 25)]
    areas = [float(dot.attributes["r"]) ** 2 for dot in dots]
    assert areas[1] / areas[0] == pytest.approx(4)
    assert "ece 0.1230" in page.text
    assert dots[0].text == "promised 20 %, came true 30 % (n = 25)"


def test_without_probabilities_there_is_no_section():
    assert calibration(Saved("s", metrics={"calibration": {"t": []}}), words("en")) is None
    undefined = {"calibration": {"t": [{"confidence": None, "frequency": 0.5, "count": 3}]}}
    assert calibration(Saved("s", metrics=undefined), words("en")) is None


def test_groups_intervals_and_what_was_before_are_told():
    row = {"task": "t", "slice": "item", "label": "rare (1-9)", "n": 90, "promised": 0.4, "came": 0.3}
    metrics = {
        "tasks": {"t": {"ece": 0.011}},
        "uncalibrated": {"t": {"ece": 0.123}},
        "calibration": {"t": [{"confidence": 0.2, "frequency": 0.3, "count": 25}]},
        "calibration_slices": [{**row, "before": 0.1, "ece": 0.02}],
        "intervals": {"price": {"level": 0.9, "coverage": 0.915, "width": 3.0, "median_width": 2.5, "questions": 50}},
    }
    for language in ("en", "zh"):
        text = read_page(calibration(Saved("s", metrics=metrics), words(language))).text
        assert all(each in text for each in ("0.1230 → 0.0110", "90", "91.5", "2.5"))
