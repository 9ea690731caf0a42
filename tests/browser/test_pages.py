"""Every page opens, in both languages, light and dark, on a desk and in a hand, and asks nobody else."""

import http.client
import re
from urllib.parse import urlsplit

import pytest

from .conftest import DESK, PAGES, PHONE, Look, Served, picture_of

PARTS = {
    "playground": ("who", "weights", "filters", "list"),
    "certificate": ("forest", "forest-next_item", "savings", "affinity", "metrics"),
    "training": ("runs", "curve-next_item"),
    "catalogue": ("find-items", "map-chart", "find-user"),
    "models": ("versions", "past", "health-tables", "health-labels"),
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_its_parts(look: Look, name: str) -> None:
    page = look().open(name)
    for part in PARTS[name]:
        page.get_by_test_id(part).first.wait_for()
    assert page.get_by_test_id("trouble").count() == 0
    assert page.title().endswith("· Motet")
    assert page.get_by_test_id(f"nav-{name}").get_attribute("aria-current") == "page"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_scrolls_sideways(look: Look, name: str, size: dict[str, int]) -> None:
    window = look(viewport=size)
    page = window.open(name)
    page.get_by_test_id(PARTS[name][-1]).first.wait_for()
    assert window.sideways() == 0


def test_the_language_follows_the_browser_and_the_button_and_is_remembered(look: Look) -> None:
    window = look(locale="zh-CN")
    page = window.open("certificate")
    assert CHINESE.search(page.locator("h1").inner_text())
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_test_id("language").click()
    assert page.locator("h1").inner_text() == "Certificate"
    page.reload()
    assert page.locator("h1").inner_text() == "Certificate"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_chinese_leaves_no_sentence_in_english(look: Look, name: str) -> None:
    page = look(locale="zh-CN").open(name)
    page.get_by_test_id(PARTS[name][-1]).first.wait_for()
    for said in page.locator("main :is(h1, h2, label, legend, th, .lead)").all_inner_texts():
        words = re.sub(r"[\w.]*_[\w.]*|\S*[@\d/]\S*", " ", said)
        assert not re.search(r"[A-Za-z]{2,} +[A-Za-z]{2,} +[A-Za-z]{2,}", words), said


def test_dark_is_dark_by_choice_and_by_the_system(look: Look) -> None:
    light = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    page = look().open("certificate")
    assert min(page.evaluate(light)) > 200
    drawn = page.get_by_test_id("affinity")
    drawn.locator("canvas").first.wait_for()
    before = picture_of(drawn)
    page.get_by_test_id("theme").select_option("dark")
    assert max(page.evaluate(light)) < 60
    assert picture_of(drawn) != before
    assert max(look(color_scheme="dark").open("models").evaluate(light)) < 60


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_paper(look: Look, scheme: str) -> None:
    page = look(color_scheme=scheme).open("certificate")
    page.get_by_test_id("forest").wait_for()
    ratios = page.evaluate(
        """() => {
          const part = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
          const light = (c) => { const f = c.map((v) => part(v / 255));
            return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
          const rgb = (s) => s.match(/[\\d.]+/g).map(Number);
          const paper = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
            if (c.length < 4 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
          return [...document.querySelectorAll("h1, h2, h3, p, small, td, th, strong, label, a, .verdict, dt, dd")]
            .filter((e) => e.offsetParent && e.innerText && e.innerText.trim())
            .map((e) => { const [a, b] = [light(rgb(getComputedStyle(e).color).slice(0, 3)), light(paper(e))];
              return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.tagName + e.innerText.slice(0, 30)]; })
            .filter(([ratio]) => ratio < 4.5); }"""
    )
    assert ratios == []


def test_the_answer_forbids_everything_from_elsewhere(look: Look, served: Served) -> None:
    link = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=30)
    link.request("GET", "/console")
    policy = link.getresponse().getheader("content-security-policy") or ""
    link.close()
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules["default-src"] == "'none'" and rules["frame-ancestors"] == "'none'"
    for kind in ("script-src", "style-src", "connect-src"):
        assert rules[kind] == "'self'"
    window = look()
    page = window.open("models")
    assert page.evaluate("fetch('http://127.0.0.2:9/').then(() => 'sent', () => 'refused')") == "refused"
    assert any("Content Security Policy" in each for each in window.complaints)
    window.complaints.clear()
    window.requests[:] = [url for url in window.requests if "127.0.0.2" not in url]


def test_an_address_that_nobody_knows_opens_the_playground(look: Look) -> None:
    page = look().page
    window = look()
    window.page.goto(f"{window.served.url}/console#/nonsense/%E0%A4%A")
    window.page.get_by_test_id("page-playground").wait_for()
    page.close()
