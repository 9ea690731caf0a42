from motet.report.search import search_page, shown

TRIAL = {"number": 0, "state": "complete", "score": 0.0, "passes": 3, "seconds": 2.0, "settings": {}, "why": None}
RECORD = {
    "name": "shop <b>",
    "objective": "mean",
    "passes": 3,
    "best": 1,
    "gain": 0.021,
    "changes": {"trunk.width": {"from": 64, "to": 128}},
    "importance": {"trunk.width": 0.7, "train.patience": 0.3},
    "trials": [
        TRIAL,
        {**TRIAL, "number": 1, "score": 0.021, "settings": {"trunk.width": 128}},
        {**TRIAL, "number": 2, "state": "pruned", "score": -0.5},
        {**TRIAL, "number": 3, "state": "fail", "score": None, "why": "Too wide."},
    ],
}


def test_the_page_says_what_was_found():
    page = search_page(RECORD)
    assert "Trial 1: +2.1 %" in page and "shop &lt;b&gt;" in page and "3 of 4 trials" in page
    assert "Too wide." in page and "70.0 %" in page and "<polyline" in page and page.count("<circle") == 3
    assert "http" not in page.replace("http-equiv", "")


def test_a_search_that_found_nothing_says_so():
    page = search_page({**RECORD, "changes": {}, "importance": {}, "trials": [TRIAL], "gain": 0.0})
    assert "Nothing better" in page and "Too few trials" in page


def test_values_as_people_read_them():
    assert [shown(each) for each in (None, 0.123456, 3, "valve")] == ["chosen by itself", "0.1235", "3", "valve"]
