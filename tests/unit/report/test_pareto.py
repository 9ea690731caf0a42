from motet.report.pareto import diagram, pareto
from motet.report.saved import Saved
from motet.report.words import words

from ._reader import read_page

ROW = {"before": 0.2, "after": 0.3, "difference": 0.1, "low": 0.05, "high": 0.15, "verdict": "reached"}


def point(a, b):
    return {"weights": {"next": 1.0, "buy": a}, "objectives": {"next": a, "buy": b}}


RECORD = {
    "front": [point(0.0, 1.0), point(1.0, 0.0), point(0.8, 0.8)],
    "knee": point(0.8, 0.8),
    "now": point(1.0, 0.0),
    "objectives": {"next": {**ROW, "verdict": None}, "buy": ROW},
    "users": {"test": 1234},
}


def test_the_front_and_its_knee_are_drawn():
    for language in ("en", "zh"):
        page = read_page(pareto(Saved("s", weights=RECORD), words(language)))
        assert len(page.all("circle", "promise")) == 4, "three of the front, and the knee once more"
        assert "1,234" in page.text and "0.0500" in page.text
    dots = read_page(diagram(RECORD, "next", "buy", words("en"))).all("circle", "promise")
    assert float(dots[-1].attributes["r"]) > float(dots[0].attributes["r"])


def test_without_tuning_there_is_no_section():
    assert pareto(Saved("s"), words("en")) is None
