import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from motet.stages.listing import best_items
from motet.tasks.ranking import top_items


@given(seed=st.integers(0, 10_000), k=st.integers(0, 9), num=st.integers(1, 12), levels=st.integers(1, 30))
def test_it_is_the_list_that_sorting_gives(seed, k, num, levels):
    """Also with ties inside the list and at its end, with infinities, and with what is no number."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, levels, (5, num)).astype(np.float32)
    for strange in (np.nan, np.inf, -np.inf):
        scores[rng.random(scores.shape) < 0.05] = strange
    seen = [rng.integers(-1, num, rng.integers(0, num + 1)) for _ in range(5)]
    for struck in (None, seen):
        expected = top_items(scores, k, seen=struck)
        found = best_items(torch.from_numpy(scores.copy()), k, seen=struck)
        assert found.dtype == np.int32
        np.testing.assert_array_equal(found, expected)


def test_by_hand():
    scores = torch.tensor([[1.0, 5.0, 3.0, 5.0], [0.0, 0.0, 0.0, 2.0]])
    assert best_items(scores.clone(), 2).tolist() == [[1, 3], [3, 0]]
    assert best_items(scores.clone(), 2, seen=[np.array([1]), np.array([0, 3])]).tolist() == [[3, 2], [1, 2]]


def test_without_questions_there_is_no_list():
    assert best_items(torch.zeros(0, 4), 2).shape == (0, 2)
