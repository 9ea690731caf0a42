import pytest

from motet.report.saved import Saved
from motet.report.savings import saved_share, savings
from motet.report.words import words

from ._reader import read_page, x_of

SHARING = {
    "parameters": 25,
    "twin_parameters": 100,
    "train_seconds": 30.0,
    "twin_seconds": 30.0,
    "latency_ms": 4.0,
    "twin_latency_ms": 2.0,
}


def test_bars_and_what_they_say():
    page = read_page(savings(Saved("s", certificate={"sharing": SHARING}), words("en")))
    assert [said.text for said in page.all("p", "big")] == ["75 % less", "the same", "100 % more"]
    assert [x_of(bar, "width") for bar in page.all("rect")] == [25, 100, 100, 100, 100, 50]


def test_what_was_not_measured_is_left_out():
    page = read_page(savings(Saved("s", certificate={"sharing": {**SHARING, "latency_ms": None}}), words("en")))
    assert len(page.all("p", "big")) == 2
    assert "Nothing was saved" in read_page(savings(Saved("s", certificate={"sharing": None}), words("en"))).text
    assert savings(Saved("s"), words("en")) is None


def test_share():
    assert saved_share(SHARING) == pytest.approx(0.75)
    assert saved_share({"parameters": 1, "twin_parameters": 0}) is None
    assert saved_share(None) is None
