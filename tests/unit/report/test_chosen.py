from motet.report.chosen import chosen
from motet.report.page import page
from motet.report.saved import Saved
from motet.report.words import words

from ._reader import read_page

FOUND = {
    "sharing": {
        "kind": "ple",
        "plain": "shared_bottom",
        "why": "…",
        "seconds": 42.0,
        "tried": [
            {"kind": "ple", "passes": 2.0, "score": 0.031},
            {"kind": "shared_bottom", "passes": 2.0, "score": 0.0},
            {"kind": "<mmoe>", "passes": 0.333, "score": -0.2},
        ],
    },
    "balance": {"kind": "norm", "plain": "norm", "why": "…", "seconds": 3.0, "tried": []},
}


def saved(found, language="en"):
    return Saved("shop", language=language, metrics={"chosen": found})


def test_every_candidate_has_its_row():
    html = chosen(saved(FOUND), words("en"))
    body = read_page(html).one("tbody")
    rows = [[cell.text for cell in row.children] for row in body.all("tr")]
    assert rows[0] == ["ple", "2.0", "+3.1 %"] and rows[2] == ["<mmoe>", "0.3", "−20.0 %"]


def test_the_sentence_says_what_won_and_by_how_much():
    text = str(chosen(saved(FOUND), words("en")))
    assert "sharing: ple, 3.1 % above shared_bottom after equal training." in text and "42 s" in text
    assert "balance: norm; no other candidate was clearly better." in text
    assert "自动选择" in str(chosen(saved(FOUND, "zh"), words("zh")))


def test_nothing_is_said_where_nothing_was_open():
    assert chosen(Saved("shop"), words("en")) is None
    assert 'id="chosen"' not in page(Saved("shop")) and 'id="chosen"' in page(saved(FOUND))


def test_candidates_are_no_arms_of_the_curves():
    log = [
        {"arm": "sharing ple", "seed": 0, "epoch": 0, "score/a": 0.5},
        {"arm": "joint", "seed": 0, "epoch": 0, "score/a": 0.6, "best": True},
    ]
    html = page(Saved("shop", kinds={"a": "binary"}, log=log))
    assert "twin-fill" not in html.split('id="curves"')[1].split("</section>")[0]
    assert 'class="curve twin"' not in html
