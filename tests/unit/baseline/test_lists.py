"""Item-kNN, EASE and ALS against values worked by hand, and their limits."""

import numpy as np
import pytest
from scipy import sparse

from motet.baseline import BASELINES, choosing, is_cheap, refusal
from motet.baseline.ease import MAX_ITEMS, ease_weights
from motet.baseline.item_knn import cosines, nearest
from motet.schema import TEST, VALID

from .test_methods import answered, asked

SEEN = np.array([[1, 1, 0], [1, 1, 0], [0, 1, 1], [1, 0, 0]], np.float32)


def test_cosines_are_shared_users_over_root_products():
    found = cosines(sparse.csr_array(SEEN), 0.0, 10).toarray()
    assert found == pytest.approx(np.array([[0, 2 / 3, 0], [2 / 3, 0, 1 / 3**0.5], [0, 1 / 3**0.5, 0]]))
    shrunk = cosines(sparse.csr_array(SEEN), 3.0, 10).toarray()
    assert shrunk[0, 1] == pytest.approx(2 / 6)


def test_the_nearest_are_the_largest_in_size():
    matrix = sparse.csr_array(np.array([[1.0, -3.0, 2.0, 0.0], [0.0, 0.0, 0.0, 5.0]]))
    assert nearest(matrix, 2).toarray().tolist() == [[0, -3, 2, 0], [0, 0, 0, 5]]
    tied = sparse.csr_array(np.ones((1, 4)))
    assert nearest(tied, 2).toarray().tolist() == [[1, 1, 0, 0]]


def test_ease_is_the_constrained_ridge():
    """Each column is the ridge regression of an item on all others (Steck 2019), solved here one by one."""
    rng = np.random.default_rng(0)
    matrix = (rng.random((60, 7)) < 0.4).astype(np.float32)
    found = ease_weights(sparse.csr_array(matrix), 5.0).toarray()
    for item in range(7):
        others = [each for each in range(7) if each != item]
        x = matrix[:, others].astype(np.float64)
        ridge = np.linalg.solve(x.T @ x + 5 * np.eye(6), x.T @ matrix[:, item])
        assert found[others, item] == pytest.approx(ridge, abs=1e-4)
    assert (found.diagonal() == 0).all()
    assert (np.count_nonzero(ease_weights(sparse.csr_array(matrix), 5.0, kept=2).toarray(), axis=1) <= 2).all()


@pytest.mark.parametrize("method", ["item_knn", "ease", "als"])
def test_the_ring_is_found(world, method):
    if method == "als":
        pytest.importorskip("implicit")
    answer, _, _, at = answered(world, method, "next_item")
    assert (answer.rank_n < 5).mean() > 0.9
    again, *_ = answered(world, method, "again")
    assert method == "als" or (again.rank_n < 12).mean() > 0.9  # factors put first what one had


def test_a_catalogue_beyond_memory_is_refused_with_the_number(world):
    class Many:
        def __init__(self):
            self.items = range(MAX_ITEMS + 1)

    class Division:
        events = Many()

    examples, _ = asked(world, "next_item")
    ease = BASELINES.get("ease")()
    assert not ease.applies(examples, Division()) and f"{MAX_ITEMS:,}" in refusal(ease, examples, Division())


def test_settings_are_chosen_on_half_a(world):
    examples, _ = asked(world, "next_item")
    at = choosing(examples)
    valid = np.flatnonzero(examples.part_n == VALID)
    assert 0 < len(at) < len(valid) and set(at) < set(valid)
    assert len(choosing(examples, most=5)) <= 6 and not (examples.part_n[at] == TEST).any()


def test_what_takes_longer_stays_out_of_certificates(world):
    rows, texts = asked(world, "rich")[0], asked(world, "good")[0]
    assert not is_cheap(BASELINES.get("ease")(), rows) and is_cheap(BASELINES.get("popularity")(), rows)
    tree = BASELINES.get("tree")()
    assert is_cheap(tree, rows) and not is_cheap(tree, texts)
