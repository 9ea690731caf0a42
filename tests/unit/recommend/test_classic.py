"""Classic recommenders as arrays, against sums worked by hand."""

import numpy as np
import pytest
from scipy import sparse

from motet.errors import ArtifactError
from motet.recommend.classic import Factors, ItemWeights, Popular, decayed, from_arrays, shares

WEIGHTS = sparse.csr_array(np.array([[0, 1, 0], [0, 0, 2], [3, 0, 0]], np.float32))
HISTORIES = [np.array([0, 1]), np.array([], np.int64), np.array([2, 2, 0])]


def test_later_events_count_more():
    assert decayed(HISTORIES, 3, 0.5).toarray().tolist() == [[0.5, 1, 0], [0, 0, 0], [1, 0, 0.75]]
    assert shares(decayed(HISTORIES, 3, 0.5)).toarray()[2] == pytest.approx([1 / 1.75, 0, 0.75 / 1.75])


def test_item_weights_are_summed_over_the_history():
    found = ItemWeights(WEIGHTS, 0.5).scores(HISTORIES)
    assert found.tolist() == [[0, 0.5, 2], [0, 0, 0], [2.25, 1, 0]]
    own = ItemWeights(WEIGHTS, 0.5, own=7.0).scores(HISTORIES)
    assert own[2] == pytest.approx([2.25 + 4, 1, 3])


def test_users_are_folded_in_by_the_normal_equations():
    item = np.array([[1.0, 0], [0, 1], [1, 1]], np.float32)
    known = Factors(item, alpha=3.0, strength=0.5)
    confidence, wish = np.diag([3.0, 1.0, 3.0]), np.array([1.0, 0, 1.0])
    user = np.linalg.solve(item.T @ confidence @ item + 0.5 * np.eye(2), item.T @ confidence @ wish)
    assert known.scores([np.array([0, 2, 0])])[0] == pytest.approx(item @ user, rel=1e-5)
    assert (known.scores([np.zeros(0, np.int64)]) == 0).all()


@pytest.mark.parametrize(
    "known",
    [Popular(np.array([2, 1, 0], np.float32)), ItemWeights(WEIGHTS, 0.9, 0.3), Factors(np.eye(3, 2), 2.0, 1.0)],
    ids=lambda each: each.kind,
)
def test_arrays_hold_everything(known):
    again = from_arrays(known.kind, known.to_arrays(), 3)
    assert np.array_equal(again.scores(HISTORIES), known.scores(HISTORIES))
    for kind, arrays, size in ((known.kind, known.to_arrays(), 5), (known.kind, {}, 3), ("other", {}, 3)):
        with pytest.raises(ArtifactError):
            from_arrays(kind, arrays, size)
