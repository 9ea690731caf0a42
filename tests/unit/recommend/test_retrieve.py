import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from motet.recommend.popular import popularity_scores
from motet.recommend.retrieve import best


def test_best_first_and_ties_in_catalogue_order() -> None:
    score = np.array([1, 3, 3, 2, 3], np.float32)
    assert best(score, np.ones(5, bool), 2).tolist() == [1, 2]
    assert best(score, np.ones(5, bool), 9).tolist() == [1, 2, 4, 3, 0]
    assert best(score, np.array([1, 0, 1, 0, 1], bool), 2).tolist() == [2, 4]


def test_what_is_not_a_number_comes_last() -> None:
    assert best(np.array([np.nan, -np.inf, 0, -5], np.float32), np.ones(4, bool), 2).tolist() == [2, 3]


@given(st.lists(st.integers(0, 4), max_size=40), st.integers(1, 50), st.integers(0, 2**40 - 1))
def test_agrees_with_a_full_stable_sort(scores: list[int], num: int, mask: int) -> None:
    allowed = np.array([mask >> n & 1 for n in range(len(scores))], bool)
    expected = sorted((n for n in range(len(scores)) if allowed[n]), key=lambda n: -scores[n])[:num]
    assert best(np.array(scores, np.float32), allowed, num).tolist() == expected


def test_popularity_is_a_smoothed_share() -> None:
    np.testing.assert_allclose(np.exp(popularity_scores(np.array([3, 0, 1]))), [4 / 7, 1 / 7, 2 / 7], rtol=1e-6)
    assert popularity_scores(np.zeros(0, np.int64)).shape == (0,)
