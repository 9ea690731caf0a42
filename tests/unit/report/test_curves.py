import pytest

from motet.report.curves import MOST_POINTS, Curve, bounds, curves, curves_of, plot
from motet.report.saved import Saved
from motet.report.words import words

from ._reader import read_page, x_of


def row(arm, seed, epoch, value, *, best=False, task="t", what="score"):
    return {"arm": arm, "seed": seed, "epoch": epoch, "best": best, f"{what}/{task}": value}


def test_runs_are_told_apart_and_the_last_best_epoch_is_kept():
    log = [
        row("joint", 0, 0, 0.1, best=True),
        row("joint", 0, 1, 0.3, best=True),
        row("joint", 0, 2, 0.2),
        row("t", 0, 0, 0.25, best=True),
        row("t", 1, 0, None, best=True),
        row("other", 0, 0, 0.9, best=True),
    ]
    twin, joint = curves_of(Saved("s", log=log), "t", "score")
    assert (twin.arm, twin.kept) == ("twin", (0, 0.25))
    assert (joint.arm, joint.points, joint.kept) == ("joint", ((0, 0.1), (1, 0.3), (2, 0.2)), (1, 0.3))


def test_points_lie_where_the_numbers_say():
    found = read_page(plot([Curve("joint", 0, ((0, 0.2), (1, 0.4), (4, 0.6)), 1)], label="l"))
    assert found.one("polyline").attributes["points"] == "0,100 25,50 100,0"
    kept = found.one("circle", "kept")
    assert (x_of(kept, "cx"), x_of(kept, "cy")) == (25, 50)
    assert kept.text == "2: 0.4000"
    assert [part.text for part in found.all("div", "digits")] == ["0.60000.2000", "15"]


def test_a_run_of_one_pass_is_a_dot():
    found = read_page(plot([Curve("twin", 0, ((0, 0.5),), None)], label="l"))
    assert not found.all("polyline")
    assert x_of(found.one("circle"), "cx") == 0


def test_a_bad_start_does_not_flatten_the_rest():
    low, high = bounds([-50.0, 0.5, 0.52, 0.54, 0.56])
    assert (low, high) == pytest.approx((0.52 - 3 * 0.04, 0.56))
    low, high = bounds([50.0, 0.5, 0.52, 0.54, 0.48], lower=True)
    assert (low, high) == pytest.approx((0.48, 0.52 + 3 * 0.04))


def test_a_flat_curve_has_a_range():
    low, high = bounds([0.3, 0.3])
    assert low < 0.3 < high


def test_long_curves_are_thinned_but_keep_their_best_and_last_points():
    points = tuple((epoch, float(epoch)) for epoch in range(1_001))
    found = read_page(plot([Curve("joint", 0, points, 503)], label="l"))
    drawn = found.one("polyline").attributes["points"].split()
    assert len(drawn) <= MOST_POINTS + 2
    assert drawn[-1] == "100,0"
    assert x_of(found.one("circle"), "cx") == 50.3


def test_losses_are_folded_and_an_empty_log_says_so():
    log = [row("joint", 0, epoch, 0.5 + epoch, task="t") | {"loss/t": 3.0 - epoch} for epoch in range(3)]
    page = read_page(curves(Saved("s", kinds={"t": "binary"}, log=log), words("en")))
    assert len(page.one("details").all("polyline")) == 1
    assert len(page.all("polyline")) == 2
    assert "Nothing was saved" in read_page(curves(Saved("s", kinds={"t": "binary"}), words("en"))).text


def test_the_label_tells_the_picture():
    log = [row("joint", 0, 0, 0.25, best=True), row("t", 0, 0, 0.5, best=True)]
    page = read_page(curves(Saved("s", kinds={"t": "binary"}, log=log), words("en")))
    label = page.one("svg", "plot").attributes["aria-label"]
    assert label == "t: joint best 0.2500 at pass 1; twin best 0.5000 at pass 1"
