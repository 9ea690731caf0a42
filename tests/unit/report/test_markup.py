from hypothesis import given
from hypothesis import strategies as st

from motet.report.markup import Html, el, join, named, text

from ._reader import read_page


def test_strings_are_text_and_markup_stays():
    made = el("p", "1 < 2 & so", el("b", "x"), None, class_="a", stroke_width=2, hidden=True, id=None)
    assert made == '<p class="a" stroke-width="2" hidden>1 &lt; 2 &amp; so<b>x</b></p>'


def test_elements_without_content():
    assert el("br") == "<br>"
    assert el("circle", cx="5%", r=2.5) == '<circle cx="5%" r="2.5"/>'
    assert el("circle", el("title", "t")) == "<circle><title>t</title></circle>"
    assert el("p") == "<p></p>"


def test_numbers_in_attributes_are_short():
    assert el("rect", width=1 / 3, height=2.0, x=0) == '<rect width="0.33" height="2" x="0"/>'


def test_join_escapes_what_is_no_markup():
    assert join(["<", Html("<br>"), None, ">"], "|") == "&lt;|<br>|&gt;"


def test_characters_that_a_page_cannot_hold_are_replaced():
    shown = text("a\x00b\ud800c\x1b\td\n")
    assert shown == "a\ufffdb\ufffdc\ufffd\td\n"
    assert shown.encode("utf-8")


@given(st.text(), st.text())
def test_any_name_comes_back_as_it_is(name, attribute):
    root = read_page(el("div", named(name), title=attribute))
    assert root.one("bdi").text == _shown(name)
    assert root.one("div").attributes["title"] == _shown(attribute)


def _shown(value):
    unprintable = [*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)]
    return value.translate(dict.fromkeys(unprintable, "\ufffd"))
