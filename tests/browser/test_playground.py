"""The playground: sliders re-rank at once, and what stays is the service's own list."""

from typing import Any

import pytest

from .conftest import PHONE, Look, Seen

MOVES = 9
MOST_MILLISECONDS = 100.0
"""From moving a slider to the new order; the median is asked, because a busy machine makes the browser wait for it."""


def slide(page: Any, name: str, value: float) -> None:
    """Move a slider as a hand does: the value, and the event."""
    page.get_by_test_id(name).evaluate(
        """(slider, value) => {
          Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(slider, value);
          slider.dispatchEvent(new Event("input", { bubbles: true })); }""",
        str(value),
    )


def of_user(window: Seen, user: str) -> tuple[Any, list[str]]:
    """Open the playground and choose a user; return the page and their list."""
    page = window.open("playground")
    window.becomes(told_list(window))
    page.get_by_test_id("user").fill(user)
    page.get_by_test_id("user").press("Enter")
    wanted = told_list(window, user=user)
    window.becomes(wanted)
    return page, wanted


def told_list(window: Seen, **asked: Any) -> list[str]:
    answer = window.served.call("POST", "/v1/recommend", {"k": 10, **asked})
    return [one["item"] for one in answer["items"]]


@pytest.fixture
def user(served: Any) -> str:
    return str(served.call("GET", "/v1/users?take=1")["users"][0])


def test_sliders_re_rank_and_the_list_is_the_services(look: Look, user: str) -> None:
    window = look()
    page, before = of_user(window, user)
    slide(page, "weight-buy", 3)
    slide(page, "weight-next_item", 0.2)
    weights = {"buy": 3, "next_item": 0.2}
    after = told_list(window, user=user, weights=weights)
    assert after != before
    window.becomes(after)
    slide(page, "diversity", 0.8)
    window.becomes(told_list(window, user=user, weights=weights, diversity=0.8))
    page.get_by_test_id("reset").click()
    window.becomes(before)


def test_the_browser_shows_the_new_order_before_the_service_answers(look: Look, user: str) -> None:
    window = look()
    page, before = of_user(window, user)
    wanted = told_list(window, user=user, weights={"buy": 3, "next_item": 1})
    held: list[Any] = []
    waiting = True
    page.route("**/v1/recommend", lambda route: held.append(route) if waiting else route.continue_())
    slide(page, "weight-next_item", 1)
    slide(page, "weight-buy", 3)
    page.locator("[data-testid=settled][data-settled=false]").wait_for()
    page.wait_for_function(
        "first => document.querySelector('[data-testid=list] > li').dataset.item === first", arg=wanted[0]
    )
    assert window.listed() == wanted != before
    waiting = False
    for route in held:
        route.continue_()
    window.becomes(wanted)


def test_re_ranking_is_quick(look: Look, user: str) -> None:
    window = look()
    page, _ = of_user(window, user)
    took = []
    for move in range(1, MOVES + 1):
        slide(page, "weight-buy", 0.2 * move)
        window.becomes(told_list(window, user=user, weights={"next_item": 1, "buy": 0.2 * move}))
        took.append(float(page.get_by_test_id("timing").get_attribute("data-shown") or "inf"))
    assert sorted(took)[MOVES // 2] < MOST_MILLISECONDS


def test_an_item_tells_its_score_by_objective_and_its_reasons(look: Look, user: str) -> None:
    window = look()
    page, _ = of_user(window, user)
    slide(page, "weight-buy", 1)
    window.becomes(told_list(window, user=user, weights={"next_item": 1, "buy": 1}))
    row = page.get_by_test_id("list-item").first
    row.get_by_test_id("reasons").wait_for()
    assert "buy" in (row.get_by_test_id("stack").get_attribute("aria-label") or "")
    row.locator("summary").click()
    assert {"next_item", "buy"} <= set(row.locator("td:first-child").all_inner_texts())


def test_two_settings_stand_side_by_side_with_what_moved(look: Look, user: str) -> None:
    window = look()
    page, before = of_user(window, user)
    page.get_by_test_id("keep").click()
    slide(page, "weight-buy", 3)
    slide(page, "weight-next_item", 0.2)
    after = told_list(window, user=user, weights={"buy": 3, "next_item": 0.2})
    window.becomes(after)
    moves = page.locator("[data-testid=list] [data-testid=move]").evaluate_all("all => all.map(m => m.dataset.move)")
    assert len(moves) == len(after)
    for place, (item, move) in enumerate(zip(after, moves, strict=True)):
        was = before.index(item) if item in before else None
        assert move == ("new" if was is None else "same" if was == place else "up" if was > place else "down")


def test_what_was_set_is_still_there_after_a_look_at_another_page(look: Look, user: str) -> None:
    window = look()
    page = window.open("playground")
    window.settled_list()
    page.get_by_test_id("user").fill("nobody")
    page.keyboard.press("Tab")
    page.get_by_test_id("user-missing").wait_for()
    page.get_by_test_id("user").fill(user)
    page.keyboard.press("Tab")  # leaving the field takes what it says
    page.get_by_test_id("user-missing").wait_for(state="detached")
    before = told_list(window, user=user)
    window.becomes(before)
    page.get_by_test_id("keep").click()
    slide(page, "weight-buy", 3)
    after = told_list(window, user=user, weights={"next_item": 1, "buy": 3})
    window.becomes(after)
    page.locator("[data-testid=list] a.name").first.click()
    page.get_by_test_id("item").wait_for()
    page.go_back()
    window.becomes(after)
    assert page.get_by_test_id("user").input_value() == user
    kept = page.locator("[data-testid=kept-list] > li").evaluate_all("rows => rows.map(r => r.dataset.item)")
    assert kept == before


def test_filters_and_leaving_out_change_the_question(look: Look, user: str) -> None:
    window = look()
    page, (first, *_) = of_user(window, user)
    page.get_by_test_id("hide").first.click()
    page.get_by_test_id("excluded").wait_for()
    window.becomes(told_list(window, user=user, exclude=[first]))
    page.get_by_test_id("add-filter").select_option("price")
    page.get_by_test_id("filter-price-max").fill("3")
    window.becomes(told_list(window, user=user, exclude=[first], filters={"price": {"max": 3}}))


def test_somebody_made_up_gets_a_list_from_the_items_given(look: Look) -> None:
    window = look()
    page = window.open("playground")
    window.settled_list()
    page.locator("label", has=page.get_by_test_id("who-invented")).click()
    page.get_by_test_id("history").fill("a")
    page.locator("[data-testid=who] li[role=option]").first.click()
    page.get_by_test_id("history-items").wait_for()
    page.get_by_text("from the history").wait_for()
    assert len(window.settled_list()) == 10


def test_everything_is_reached_and_moved_with_the_keyboard_alone(look: Look, user: str) -> None:
    window = look()
    page = window.open("playground")
    window.settled_list()
    reached: dict[str, None] = {}
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement?.dataset.testid ?? ''")
        reached[name] = None
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        if name and not name.startswith("who-"):
            assert outline != "none", name
        if name == "user" and "typed" not in reached:
            reached["typed"] = None
            page.keyboard.type(user)
            page.keyboard.press("Enter")
            before = told_list(window, user=user)
            window.becomes(before)
        if name == "weight-buy":
            for _ in range(4):
                page.keyboard.press("PageUp")
            page.keyboard.press("End")
        if name == "add-filter":
            page.wait_for_timeout(200)
            window.settled_list()  # while it is under way, a list cannot be kept
        if name == "keep":
            break
    wanted = {"nav-playground", "theme", "language", "who-known", "user", "query", "weight-next_item", "weight-buy"}
    wanted |= {"popularity", "diversity", "k", "seen", "reset", "add-filter", "keep"}
    assert wanted <= set(reached), list(reached)
    assert window.settled_list() != before
    page.keyboard.press("Enter")
    page.get_by_test_id("kept").wait_for()


def test_on_a_phone_the_sliders_stand_right_above_the_list(look: Look) -> None:
    window = look(viewport=PHONE)
    page = window.open("playground")
    window.settled_list()
    sliders, first = (
        page.get_by_test_id("weights").bounding_box(),
        page.get_by_test_id("list-item").first.bounding_box(),
    )
    assert first["y"] - sliders["y"] < PHONE["height"]
    assert first["width"] > 0.75 * PHONE["width"]


def test_on_a_phone_the_sliders_stay_in_sight_of_the_list_and_fold(look: Look) -> None:
    window = look(viewport=PHONE)
    page = window.open("playground")
    window.settled_list()
    page.get_by_test_id("keep").click()
    page.get_by_test_id("list-item").nth(4).evaluate("row => row.scrollIntoView({ block: 'end' })")
    slider, row = page.get_by_test_id("weight-buy"), page.get_by_test_id("list-item").nth(4)
    assert slider.bounding_box()["y"] >= 0
    assert row.bounding_box()["y"] > page.get_by_test_id("weights").bounding_box()["height"]
    assert page.get_by_test_id("now").bounding_box()["y"] < page.get_by_test_id("kept").bounding_box()["y"]
    page.get_by_test_id("fold").click()
    assert not slider.is_visible()
    assert page.get_by_test_id("weights").bounding_box()["height"] < 80
