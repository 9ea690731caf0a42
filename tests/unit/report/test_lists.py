from motet.report.lists import lists
from motet.report.saved import Saved
from motet.report.words import words

from ._reader import read_page


def test_every_measure_is_told_in_words():
    saved = Saved("s", metrics={"lists": {"next_item": {"coverage@10": 0.25, "novelty@10": 7.5, "odd@10": None}}})
    text = read_page(lists(saved, words("en"))).text
    assert "share of the catalogue shown @10" in text and "0.2500" in text and "odd@10" in text
    assert "目录" in read_page(lists(saved, words("zh"))).text


def test_without_rankings_there_is_no_section():
    assert lists(Saved("s", metrics={"lists": {}}), words("en")) is None
