import pytest

from motet.report.standing import baseline_change, standing


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
