import pytest

from motet.report.heatmap import CELL, DEEPEST, heatmap

from ._reader import read_page

VALUES = {("a", "a"): 0.0, ("a", "b"): 0.5, ("b", "a"): -1.0}


def drawn(**options):
    return read_page(heatmap(["a", "b"], VALUES, shown=lambda value: f"{value:+.1f}", label="l", **options))


def test_every_number_is_printed_so_that_colour_is_not_needed():
    found = drawn()
    assert [each.text for each in found.all("text")] == ["1", "2", "+0.0", "+0.5", "-1.0", "–"]
    assert [each.text for each in found.all("li")] == ["1a", "2b"]
    assert found.one("svg").attributes["aria-label"] == "l"


def test_colour_and_strength_say_sign_and_size():
    found = drawn()
    assert len(found.all("rect", "plus")) == 1 and len(found.all("rect", "minus")) == 1
    strength = [float(each.attributes["opacity"]) for each in found.all("g") if "opacity" in each.attributes]
    assert strength == [DEEPEST / 2, DEEPEST]
    beyond = [float(e.attributes["opacity"]) for e in drawn(most=0.5).all("g") if "opacity" in e.attributes]
    assert max(beyond) == DEEPEST, "what is beyond the scale is as strong as its end"


def test_plain_pairs_are_printed_without_colour():
    found = drawn(plain={("b", "a")})
    assert not found.all("rect", "minus") and "-1.0" in [each.text for each in found.all("text")]


def test_a_cell_lies_in_its_row_and_column():
    cell = drawn().one("rect", "minus").attributes
    assert (cell["x"], cell["y"], cell["width"]) == ("0%", str(2 * CELL), "50%")


@pytest.mark.parametrize("values", [{}, {("a", "b"): 0.0}])
def test_nothing_to_colour_is_no_error(values):
    found = read_page(heatmap(["a", "b"], values, shown=str, label="l"))
    assert found.all("rect") == []
