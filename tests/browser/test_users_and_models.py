"""What changes the service: forgetting a user, who asks twice; another model, and back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Look, Served, picture_of, serving


@pytest.fixture
def own(models: Path, tmp_path: Path) -> Iterator[Served]:
    """A service over copies, which a test may change."""
    shutil.copytree(models, tmp_path / "models")
    with serving(tmp_path / "models" / "first", tmp_path) as running:
        yield running


def test_forgetting_asks_twice_and_then_nothing_is_left(look: Look, own: Served) -> None:
    user = str(own.call("GET", "/v1/users?take=1")["users"][0])
    window = look(own)
    page = window.open("catalogue")
    page.get_by_test_id("find-user").fill(user)
    page.get_by_test_id("find-user").press("Enter")
    page.get_by_test_id("events").wait_for()
    page.get_by_test_id("predicted").wait_for()
    page.get_by_test_id("forget").click()
    assert user in page.get_by_test_id("forget-dialog").inner_text()
    assert page.get_by_test_id("forget-yes").count() == 0
    page.get_by_test_id("forget-go-on").click()
    page.get_by_test_id("forget-cancel").click()
    assert own.call("GET", f"/v1/users?q={user}")["users"] == [user]
    page.get_by_test_id("forget").click()
    page.get_by_test_id("forget-go-on").click()
    page.get_by_test_id("forget-yes").click()
    page.get_by_test_id("forgotten").wait_for()
    assert user in page.get_by_test_id("forgotten").inner_text()
    assert page.get_by_test_id("one-user").count() == 0
    assert own.call("GET", f"/v1/users?q={user}")["users"] == []
    for folder in own.models.iterdir():
        assert not [file for file in folder.rglob("*") if file.is_file() and f'"{user}"'.encode() in file.read_bytes()]


def test_another_model_is_activated_and_rolled_back(look: Look, own: Served) -> None:
    page = look(own).open("models")
    rows = page.get_by_test_id("version")
    rows.first.wait_for()
    began = page.locator("[data-testid=version]:has([data-testid=serving])").get_attribute("data-version")
    known = own.call("GET", "/v1/models")
    assert began == known["serving"]
    page.locator("[data-testid=folder][data-path=second]").get_by_test_id("activate").click()
    assert own.call("GET", "/v1/models")["serving"] == began  # until it was asked once more
    page.get_by_test_id("activate-yes").click()
    page.get_by_test_id("activated").wait_for()
    page.locator("[data-testid=folder]").wait_for(state="detached")
    page.get_by_test_id("roll-back").wait_for()
    assert own.call("GET", "/v1/models")["serving"] != began
    page.get_by_test_id("roll-back").click()
    page.get_by_test_id("activate-yes").click()
    page.get_by_test_id("activated").wait_for()
    page.locator(f"[data-version='{began}'] [data-testid=serving]").wait_for()
    assert own.call("GET", "/v1/models")["serving"] == began


def test_an_item_has_neighbours_and_a_place_on_the_map(look: Look) -> None:
    page = look().open("catalogue")
    chart = page.get_by_test_id("map-chart")
    chart.locator("canvas").first.wait_for()
    before = picture_of(chart)
    page.get_by_test_id("find-items").fill(page.get_by_test_id("found-item").nth(3).inner_text().split()[0])
    page.get_by_test_id("found-item").first.click()
    page.get_by_test_id("neighbours").wait_for()
    assert page.get_by_test_id("neighbours").locator("li").count() == 8
    chart.scroll_into_view_if_needed()
    assert picture_of(chart) != before
    page.get_by_test_id("colour-by").select_option("")
    page.get_by_test_id("map-legend").wait_for(state="detached")
