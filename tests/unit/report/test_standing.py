import pytest

from motet.report.standing import baseline_change, folds_of, is_routed, is_twin, standing, was_changed


def test_relative_to_the_twin_by_hand():
    found = standing(
        {"twin": 0.5, "difference": 0.01, "low": -0.01, "high": 0.03, "holm_low": -0.02, "verdict": "unclear"}
    )
    assert (found.change, found.low, found.high, found.holm_low) == pytest.approx((0.02, -0.02, 0.06, -0.04))
    assert found.verdict == "unclear"


@pytest.mark.parametrize("twin", [0.0, None])
def test_nothing_is_relative_to_nothing(twin):
    found = standing({"twin": twin, "difference": 0.01, "low": 0.0, "high": 0.02})
    assert (found.change, found.low, found.high, found.holm_low) == (None, None, None, None)


def test_a_negative_twin_keeps_the_sign_of_better():
    assert standing({"twin": -0.5, "difference": 0.1}).change == pytest.approx(0.2)


def test_a_baseline_with_less_error_is_better():
    assert baseline_change({"metric": "mae", "twin": 0.8, "baseline": 0.6}) == pytest.approx(0.25)
    assert baseline_change({"metric": "auc", "twin": 0.8, "baseline": 0.6}) == pytest.approx(-0.25)
    assert baseline_change({"metric": "auc", "twin": 0.8, "baseline": None}) is None


@pytest.mark.parametrize(
    ("row", "routed", "twin", "changed"),
    [
        ({"repair": None}, False, False, False),
        ({"repair": "valve"}, False, False, True),
        ({"repair": "twin"}, True, True, True),
        ({"repair": "twin", "repairs": {"twin": 5}}, True, True, True),
        ({"repair": None, "repairs": {"twin": 4, "none": 1}}, True, False, True),
        ({"repair": "twin", "repairs": {"none": 4, "twin": 1}}, False, False, True),
        ({"repair": "twin", "repairs": {"none": 2, "twin": 2}}, False, False, True),
        ({"repair": None, "repairs": {"none": 5}}, False, False, False),
    ],
)
def test_most_folds_decide_whether_a_task_is_routed(row, routed, twin, changed):
    assert (is_routed(row), is_twin(row), was_changed({**row, "before": {"twin": 1.0}})) == (routed, twin, changed)
    assert sum(folds_of(row).values()) in (0, 4, 5) and not was_changed(row)
