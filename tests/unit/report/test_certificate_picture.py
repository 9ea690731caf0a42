import pytest

from motet.report.certificate_picture import certificate_picture, common_axis, strip
from motet.report.standing import standing
from motet.report.svg import axis
from motet.report.words import words

from ._artifact import certificate_row, comparison
from ._reader import read_page, x_of

EN = words("en")
ROW = certificate_row("binary", "auc", 0.5, 0.01, 0.02, "unclear", None, None, 0.49, "majority")


def draw(row, margin=0.02, scale=None):
    scale = scale or common_axis([standing(row)], margin)
    return read_page(strip(row, scale, margin, EN, label="l")).one("svg", "strip")


def test_everything_is_drawn_where_the_numbers_say():
    # In parts of the twin: from -.02 to .06 around .02, corrected down to -.032; the margin asks for -.03 to .03.
    # So the axis runs from -.04 to .06 in steps of .02, and a value v lies at (v + .04) * 1000 percent.
    found = draw(ROW)
    assert [x_of(line, "x1") for line in found.all("line", "grid")] == [0, 20, 40, 60, 80, 100]
    zero = found.one("line", "zero")
    assert x_of(zero, "x1") == x_of(zero, "x2") == 40
    interval = found.one("line", "interval")
    assert (x_of(interval, "x1"), x_of(interval, "x2")) == (20, 100)
    corrected = found.one("line", "holm")
    assert (x_of(corrected, "x1"), x_of(corrected, "x2")) == (8, 20)
    shapes = {path.attributes["class"]: svg for svg in found.all("svg", "at") for path in svg.all("path")}
    assert x_of(shapes["point"]) == 60
    assert x_of(shapes["baseline"]) == 20  # (.49 - .5) / .5 = -.02
    band = found.one("rect", "margin")
    assert (x_of(band), x_of(band, "width")) == (20, 20)


def test_the_shape_tells_the_verdict_without_colour():
    shapes = set()
    for verdict in ("improved", "not worse", "unclear", "harmed"):
        found = draw({**ROW, "verdict": verdict})
        shapes.add(next(path.attributes["d"] for path in found.all("path", "point")))
    assert len(shapes) == 4


def test_what_reaches_beyond_the_picture_ends_in_arrows():
    found = draw({**ROW, "baseline": 0.1}, scale=axis(-0.01, 0.05, most=6))
    beyond = found.all("path", "beyond")
    assert len(beyond) == 2  # both ends of the interval
    assert found.all("path", "point")
    assert not draw(ROW, scale=axis(-0.01, 0.01)).all("path", "point")  # better no dot than one in a wrong place
    assert x_of(found.one("line", "interval"), "x1") == 0
    assert x_of(found.one("line", "interval"), "x2") == 100
    assert "beyond the picture" in found.text


def test_one_wide_interval_squeezes_no_other():
    narrow = [standing(comparison(1.0, 0.0, 0.01, "not worse")) for _ in range(5)]
    wide = standing(comparison(1.0, 0.0, 3.0, "unclear"))
    alone, crowded = common_axis(narrow, 0.02), common_axis([*narrow, wide], 0.02)
    assert alone.high - alone.low == pytest.approx(0.06)
    assert crowded.high - crowded.low <= 0.1


def test_routed_tasks_do_not_narrow_the_axis():
    routed = [standing(comparison(1.0, 0.0, 0.0, "not worse")) for _ in range(5)]
    wide = standing(comparison(1.0, 0.05, 0.1, "unclear"))
    assert common_axis([*routed, wide], 0.02).high >= 0.15


def test_the_standing_before_a_repair_stays_visible():
    repaired = certificate_row("class", "accuracy", 0.5, 0.0, 0.0, "not worse", "harmed", "twin", None, None)
    page = read_page(certificate_picture({"t": repaired}, 0.02, EN))
    # Before: -.04 ± .02 of the twin, so the axis runs from -.06 to .04 and -.04 lies a fifth into it.
    assert [tick.text for tick in page.all("text", "tick")][0] == "−6 %"
    ghost = page.one("g", "ghost")
    assert x_of(ghost.one("circle", "point"), "cx") == 20
    assert (x_of(ghost.one("line"), "x1"), x_of(ghost.one("line"), "x2")) == (0, 40)
    assert "before repair" in ghost.text
    assert not draw(ROW).all("g", "ghost")


def test_without_numbers_the_row_says_so():
    found = draw({"verdict": None, "twin": None, "metric": None})
    assert "not defined here" in found.text
    assert not found.all("line", "interval")


def test_every_row_speaks_for_itself():
    page = read_page(certificate_picture({"a <b>": ROW}, 0.02, EN))
    label = page.one("svg", "strip").attributes["aria-label"]
    assert label == "a <b>: unclear +2.0 % [−2.0 %, +6.0 %]"
    assert [text.text for text in page.all("text", "tick")] == ["−4 %", "−2 %", "twin = 0", "+2 %", "+4 %", "+6 %"]


def test_over_folds_the_picture_says_in_how_many_and_keeps_the_interval():
    folded = certificate_row("class", "accuracy", 0.5, -0.01, 0.005, "harmed", "harmed", "twin", None, None)
    folded["repairs"] = {"none": 4, "twin": 1}
    page = read_page(certificate_picture({"t": folded}, 0.02, EN))
    assert "repaired: twin in 1 of 5 folds; ships: twin" in page.text
    assert page.one("svg", "strip").attributes["aria-label"] == "t: harmed −2.0 % [−3.0 %, −1.0 %]"
    assert "5 折中 twin 有 1 折" in read_page(certificate_picture({"t": folded}, 0.02, words("zh"))).text
