"""How likely the next event is of each content type."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.errors import ArtifactError
from motet.recommend.shares import STRENGTHS, Shares, fit_shares, left_out_loss


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 3)), min_size=1, max_size=20))
def test_every_row_is_a_distribution(counts):
    count_UM = np.array(counts)
    shares = fit_shares(count_UM)
    p_UM = shares.of(count_UM)
    assert (p_UM > 0).all() and np.allclose(p_UM.sum(axis=1), 1) and shares.share_M.sum() == pytest.approx(1)
    assert np.allclose(shares.of(np.zeros((1, 3), int)), shares.share_M), "a stranger gets what all users do"
    losses = [left_out_loss(Shares(shares.share_M, strength), count_UM) for strength in STRENGTHS]
    assert left_out_loss(shares, count_UM) == pytest.approx(min(losses)) and min(losses) >= 0


def test_the_strength_says_how_much_users_differ():
    loyal = np.array([[40, 0], [0, 40]] * 20)
    mixed = np.random.default_rng(0).multinomial(40, [0.5, 0.5], 40)
    assert fit_shares(loyal).strength < fit_shares(mixed).strength
    assert fit_shares(loyal).of(np.array([[3, 0]]))[0, 0] > 0.9
    assert abs(fit_shares(mixed).of(np.array([[3, 0]]))[0, 0] - 0.5) < 0.1


def test_by_hand():
    shares = Shares(np.array([0.75, 0.25]), 4.0)
    assert shares.of(np.array([[1, 3]])) == pytest.approx(np.array([[(1 + 3) / 8, (3 + 1) / 8]]))
    # each event told from the other three: one of the first type, three of the second
    expected = -(np.log((0 + 3) / 7) + 3 * np.log((2 + 1) / 7)) / 4
    assert left_out_loss(shares, np.array([[1, 3]])) == pytest.approx(expected)
    assert left_out_loss(shares, np.zeros((2, 2), int)) == 0


def test_there_and_back():
    shares = fit_shares(np.array([[1, 2], [3, 0]]))
    back = Shares.from_json(shares.to_json())
    assert np.array_equal(back.share_M, shares.share_M) and back.strength == shares.strength
    for wrong in ({}, {"shares": [0.0, 1.0], "strength": 1}, {"shares": [1.0], "strength": 0}):
        with pytest.raises(ArtifactError, match="shares of types"):
            Shares.from_json(wrong)
