"""The lists of a few users, between the marks at which forgetting cuts."""

import re

from motet.artifact import open_folder
from motet.recommend.examples import mark
from motet.report.examples import examples
from motet.report.page import page
from motet.report.saved import read_saved
from motet.report.words import words

from ._artifact import AWKWARD, make_artifact
from ._reader import read_page

ITEM = {
    "item": "77",
    "title": AWKWARD,
    "score": -1.25,
    "scores": {"next_item": 0.5, "buy": 0.25, "rating": 0.75},
    "contributions": {"next_item": -0.75, "buy": -0.5},
    "reasons": ["similar to <b>that</b>"],
    "sentences": ["first", "second", "third"],
}
LISTS = [
    {"key": key, "user": user, "had": ["x", "y"], "source": "history", "weights": {"next_item": 1.0, "buy": 0.5},
     "items": [ITEM, {**ITEM, "item": "78", "title": "78", "reasons": [], "sentences": []}]}
    for key, user in enumerate(["u<1>", "u2"])
]  # fmt: skip


def drawn(tmp_path, lists=LISTS):
    make_artifact(tmp_path / "m", EXAMPLES={"lists": lists})
    return page(read_saved(open_folder(tmp_path / "m")))


def test_scores_are_split_and_reasons_told(tmp_path):
    root = read_page(drawn(tmp_path))
    (section,) = [each for each in root.all("section") if each.attributes["id"] == "examples"]
    first, second = section.all("div", "example")
    assert first.one("h3").text == "User u<1>" and second.one("h3").text == "User u2"
    assert "had last: x; y" in first.text and "next_item × 1; buy × 0.5" in first.text
    heads = [each.text for each in first.one("thead").all("th")]
    assert heads == ["item", "score", "next_itemadds", "buyadds", "ratingp", "why"]
    row, plain = first.one("tbody").all("tr")
    assert [each.text for each in row.all("td")[:4]] == ["−1.2500", "−0.7500p 50.0 %", "−0.5000p 25.0 %", "75.0 %"]
    assert row.one("th").text == f"1. {AWKWARD}77" and plain.one("th").text == "2. 78"
    assert [each.text for each in row.all("li")] == ["similar to <b>that</b>", "first", "second"]


def test_each_list_stands_between_its_marks(tmp_path):
    text = drawn(tmp_path)
    cut = re.sub(f"{mark(0)}.*?{mark(0, end=True)}", "", text, flags=re.DOTALL)
    assert "u&lt;1&gt;" in text and "u&lt;1&gt;" not in cut and "User u2" in cut
    read_page(cut)


def test_without_lists_there_is_no_section(tmp_path):
    make_artifact(tmp_path / "m")
    assert examples(read_saved(open_folder(tmp_path / "m")), words("en")) is None
    assert 'id="examples"' not in drawn(tmp_path, [])
