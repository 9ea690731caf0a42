import pytest

from motet.report.calibration import FEWEST, calibration, together
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


def test_few_questions_are_drawn_as_one_group():
    bins = [
        {"confidence": c, "frequency": f, "count": 8} for c, f in ((0.2, 1), (0.3, 0), (0.4, 0.5), (0.8, 1), (0.9, 0.5))
    ]
    found = together(bins)
    assert [each["count"] for each in found] == [40]
    found = together([*bins, {"confidence": 0.95, "frequency": 1.0, "count": 20}])
    assert [each["count"] for each in found] == [24, 36] and min(each["count"] for each in found) >= FEWEST
    assert found[0]["confidence"] == pytest.approx(0.3) and found[0]["frequency"] == pytest.approx(0.5)
    assert (
        together([{"confidence": 0.5, "frequency": 0.5}] * 3) == [{"confidence": 0.5, "frequency": 0.5, "count": 0}] * 3
    )


@pytest.mark.parametrize(
    ("kind", "said"), [("rating", "likeliest grade"), ("class", "likeliest class"), ("relation", "of yes")]
)
def test_it_is_said_what_is_promised(kind, said):
    metrics = {"calibration": {"t": [{"confidence": 0.2, "frequency": 0.3, "count": 25}]}}
    page = read_page(calibration(Saved("s", kinds={"t": kind}, metrics=metrics), words("en")))
    assert said in page.one("div", "card").text


def test_every_table_stands_under_its_heading_and_a_sentence():
    row = {"task": "t", "slice": "item", "label": "rare (1-9)", "n": 90, "promised": 0.4, "came": 0.3}
    metrics = {
        "calibration_slices": [{**row, "before": 0.1, "ece": 0.02}],
        "intervals": {"price": {"level": 0.9, "coverage": 0.9, "width": 3.0, "median_width": 2.5, "questions": 50}},
    }
    for language in ("en", "zh"):
        page = read_page(calibration(Saved("s", metrics=metrics), words(language)))
        assert len(page.all("table")) == len(page.all("h3")) == len(page.all("p", "lead")) - 1 == 2
        assert (
            words(language)("calibration_groups_lead") in page.text and words(language)("intervals_lead") in page.text
        )
