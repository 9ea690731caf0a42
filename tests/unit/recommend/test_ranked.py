from motet.recommend.ranked import RankedItem, RankedList

HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_notebook_shows_places_scores_and_reasons():
    items = (RankedItem("b1", -1.25, {"buy": 0.5}, ("same genre: crime", "likely")), RankedItem("b2", -2.0))
    shown = RankedList(items, "history", {"buy": 2.0})._repr_html_()
    assert "from history, buy × 2" in shown
    assert shown.index("b1") < shown.index("b2")
    for told in ("-1.2500", "0.500", "same genre: crime; likely", ">2<"):
        assert told in shown


def test_ids_tasks_and_reasons_are_escaped():
    items = (RankedItem(HOSTILE, 1.0, {HOSTILE: 0.5}, (HOSTILE,)),)
    shown = RankedList(items, "popular", {HOSTILE: 1.0})._repr_html_()
    assert "<img" not in shown and shown.count("&lt;img") == 4


def test_an_empty_list_is_shown_as_such():
    assert "from popular" in RankedList((), "popular")._repr_html_()
