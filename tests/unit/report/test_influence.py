import pytest

from motet.report.influence import decimals_for, influence, signed
from motet.report.saved import Saved
from motet.report.words import words

from ._artifact import AWKWARD
from ._reader import read_page
from ._watched import TASKS, row, watched_frame, watched_log


def drawn_from(log, tasks=TASKS, language="en"):
    return read_page(influence(Saved("s", kinds=dict.fromkeys(tasks, "binary"), log=log), words(language)))


def test_the_section_holds_affinities_cosines_norms_and_gates():
    root = drawn_from(watched_log())
    maps = root.all("div", "heat")
    assert len(maps) == 3, "affinity, and two blocks"
    assert [each.text for each in maps[0].all("li")] == ["1next_item", "2buy", "3rating"]
    assert [each.text for each in maps[0].all("text")][3:6] == ["+2.00", "+0.35", "−0.20"]
    assert [each.text for each in maps[1].all("text")][4] == "+0.40"
    assert len(root.all("div", "plot-frame")) == 3
    (card,) = [each for each in root.all("div", "card") if each.all("div", "bar-row")]
    assert "expert 1" in card.text and "25.0 %" in card.text


def test_the_map_tells_its_strongest_pairs_to_those_who_do_not_see_it():
    labels = [each.attributes.get("aria-label") for each in drawn_from(watched_log()).all("svg")]
    assert "Affinities, strongest: next_item on buy +0.35 %; next_item on rating −0.20 %" in labels


def test_shares_of_next_to_no_loss_are_not_coloured_but_explained():
    log = watched_log()
    plain = drawn_from(log)
    assert "near zero" not in plain.text
    solved = drawn_from([{**each, "loss/buy": 0.002, "affinity/next_item>buy": -0.9} for each in log])
    assert "The loss of buy is near zero" in solved.text and "next_item on buy" not in str(
        [each.attributes.get("aria-label") for each in solved.all("svg")]
    )
    coloured = [len(each.all("div", "heat")[0].all("rect")) for each in (plain, solved)]
    assert coloured[1] < coloured[0]


def test_a_task_on_itself_is_not_coloured():
    first = drawn_from(watched_log()).all("div", "heat")[0]
    assert "+2.00" in first.text and len(first.all("rect")) == 2, "one task helps another and harms a third"


def test_all_tasks_norms_are_drawn_on_one_scale():
    frames = drawn_from(watched_log()).all("div", "plot-frame")
    assert len({frame.all("div", "y")[0].text for frame in frames}) == 1


def test_cosines_stand_on_both_sides_of_the_diagonal():
    item = drawn_from(watched_log()).all("div", "heat")[1]
    cells = [each.text for each in item.all("text")][3:]
    assert cells == ["–", "+0.40", "−0.25", "+0.40", "–", "–", "−0.25", "–", "–"]


def test_a_run_that_was_not_watched_has_no_section(drawn):
    assert influence(Saved("s", log=[row(0)]), words("en")) is None
    assert "influence" not in [each.attributes["id"] for each in drawn().all("section")]


def test_a_watched_folder_shows_it_and_links_to_it(drawn):
    root = drawn(tasks=TASKS, LOG=watched_frame())
    assert "#influence" in [link.attributes["href"] for link in root.one("nav").all("a")]
    assert len([each for each in root.all("section") if each.attributes["id"] == "influence"]) == 1


def test_chinese_and_awkward_names():
    tasks = ("品牌", AWKWARD, "rating")
    root = drawn_from(watched_log(tasks), tasks, "zh")
    assert "前瞻亲和度" in root.text and AWKWARD in root.text and not root.all("script")


def test_an_alarm_is_told():
    root = drawn_from([row(0, alarm="Expert 'expert 2' has collapsed.")])
    assert root.one("p", "told").text == "Alarm: Expert 'expert 2' has collapsed."


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [(0.0, 2, "0.00"), (0.123, 2, "+0.12"), (-0.0123, 3, "−0.012"), (12.4, 0, "+12"), (-0.001, 2, "0.00")],
)
def test_a_sign_stands_before_what_is_not_zero(value, decimals, shown):
    assert signed(value, decimals) == shown


@pytest.mark.parametrize(("most", "decimals"), [(0.0, 0), (0.35, 2), (0.02, 3), (5.0, 1), (120.0, 0), (1e-9, 6)])
def test_the_largest_number_is_shown_in_two_figures(most, decimals):
    assert decimals_for(most) == decimals
