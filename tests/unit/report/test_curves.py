import pytest

from motet.report.curves import MOST_POINTS, Curve, bounds, curves, curves_of, limits_of, plot
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
    found = read_page(
        plot([Curve("joint", 0, ((0, 0.2), (1, 0.4), (4, 0.6)), 1)], label="l", across="pass", span=(0.2, 0.6))
    )
    assert found.one("polyline").attributes["points"] == "0,100 25,50 100,0"
    kept = found.one("circle", "kept")
    assert (x_of(kept, "cx"), x_of(kept, "cy")) == (25, 50)
    assert kept.text == "2: 0.4000"
    assert [part.text for part in found.all("div", "digits")] == ["0.60000.2000", "1pass5"]


def test_a_run_of_one_pass_is_a_dot():
    found = read_page(plot([Curve("twin", 0, ((0, 0.5),), None)], label="l", across="pass", span=(0.25, 0.75)))
    assert not found.all("polyline")
    assert x_of(found.one("circle"), "cx") == 0


def test_a_bad_start_does_not_flatten_the_rest():
    low, high = bounds([-50.0, 0.5, 0.52, 0.54, 0.56])
    assert (low, high) == pytest.approx((0.52 - 3 * 0.04, 0.56))
    low, high = bounds([50.0, 0.5, 0.52, 0.54, 0.48], lower=True)
    assert (low, high) == pytest.approx((0.48, 0.52 + 3 * 0.04))


def test_what_flattens_nothing_is_drawn_whole():
    assert bounds([0.55, 0.87, 1.0, 1.0, 1.0, 0.9]) == (0.55, 1.0)


def test_a_flat_curve_has_a_range():
    low, high = bounds([0.3, 0.3])
    assert low < 0.3 < high


@pytest.mark.parametrize(
    ("metric", "values", "span"),
    [
        ("auc", [1.0, 1.0], (0.5, 1)),
        ("ndcg@10", [0.0], (0, 0.5)),
        ("mae", [0.0, 0.0], (0, 0.5)),
        ("qwk", [-0.9], (-1, -0.45)),
    ],
)
def test_no_axis_runs_beyond_what_its_metric_can_be(metric, values, span):
    assert bounds(values, lower=metric == "mae", limits=limits_of(metric)) == pytest.approx(span)


def test_errors_are_positive_under_their_name_and_what_is_cut_is_said():
    log = [row("joint", 0, epoch, -value, best=epoch == 3) for epoch, value in enumerate((9.0, 0.52, 0.5, 0.48, 0.5))]
    page = read_page(curves(Saved("s", kinds={"t": "rating"}, log=log), words("en")))
    card = page.one("div", "card")
    assert card.all("p", "aside")[0].text == "mae\u00a0↓"
    ends = [float(span.text) for span in card.one("div", "y").all("span")]
    assert ends[0] > ends[1] == 0.48
    assert "the worst value, 9.0000, lies outside" in card.text
    assert "joint best 0.4800 at pass 4" in card.one("svg", "plot").attributes["aria-label"]
    inside = [row("joint", 0, epoch, value) for epoch, value in enumerate((0.5, 0.6, 0.7))]
    page = read_page(curves(Saved("s", kinds={"t": "binary"}, log=inside), words("en")))
    assert "outside" not in page.text and page.one("div", "card").one("p", "aside").text == "auc"


def test_long_curves_are_thinned_but_keep_their_best_and_last_points():
    points = tuple((epoch, float(epoch)) for epoch in range(1_001))
    found = read_page(plot([Curve("joint", 0, points, 503)], label="l", across="pass", span=(0.0, 1_000.0)))
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
