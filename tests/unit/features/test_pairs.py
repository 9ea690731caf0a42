import numpy as np
import pytest
from scipy import sparse

from motet.features.pairs import PAIR_NUMBERS, RelationGraph, cosines, item_sets, pair_numbers

EDGES = np.array([[0, 1], [1, 2], [0, 3], [3, 2], [2, 4], [4, 5]])


def graph(edges=EDGES, num_users=7, directed=False):
    return RelationGraph(np.asarray(edges, np.int64), num_users, directed)


def test_paths_counted_by_hand():
    numbers = graph().numbers(np.array([0]), np.array([2]))[0]
    # 0-1-2 and 0-3-2; 1 and 3 have two friends each; no path of three steps from 0 to 2
    assert np.expm1(numbers[0]) == pytest.approx(2)
    assert np.expm1(numbers[1]) == pytest.approx(2 / np.log(2))
    assert np.expm1(numbers[2]) == pytest.approx(1)
    assert np.expm1(numbers[3]) == pytest.approx(0, abs=1e-6)
    assert np.expm1(numbers[6:8]) == pytest.approx([2, 3])  # degrees, the smaller first
    assert numbers[8] == pytest.approx(2 / np.sqrt(6))
    three = graph().numbers(np.array([0]), np.array([4]))[0]
    assert np.expm1(three[3]) == pytest.approx(2)  # 0-1-2-4 and 0-3-2-4


@pytest.mark.parametrize("directed", [False, True])
def test_a_known_pair_is_told_as_if_it_were_not_known(directed):
    rng = np.random.default_rng(1)
    pairs = np.unique(rng.integers(0, 12, (60, 2)), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]] if directed else np.unique(np.sort(pairs, axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    whole = graph(pairs, 12, directed)
    for place, (first, second) in enumerate(pairs):
        left = graph(np.delete(pairs, place, axis=0), 12, directed)
        asked = np.array([first]), np.array([second])
        ours, theirs = whole.numbers(*asked)[0], left.numbers(*asked)[0]
        assert np.allclose(ours, theirs, atol=1e-5), (first, second)


def test_an_undirected_pair_is_told_alike_from_both_sides():
    first, second = np.arange(7).repeat(7), np.tile(np.arange(7), 7)
    assert np.allclose(graph().numbers(first, second), graph().numbers(second, first), atol=1e-6)


def test_a_directed_pair_knows_its_direction():
    one_way = graph([[0, 1], [1, 2], [2, 0]], 3, directed=True)
    there, back = one_way.numbers(np.array([1, 0]), np.array([0, 1]))
    assert there[10] == 1 and back[10] == 0  # 0 → 1 is known, 1 → 0 is not
    assert np.expm1(there[0]) == pytest.approx(1)  # 1 → 2 → 0


def test_unknown_users_know_nobody():
    assert not graph().numbers(np.array([-1, 6, 0]), np.array([2, -1, 6]))[:, :6].any()


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    first, second = rng.integers(-1, 7, 50), rng.integers(-1, 7, 50)
    whole = graph().numbers(first, second)
    monkeypatch.setattr("motet.features.pairs.BLOCK", 7)
    assert np.array_equal(graph().numbers(first, second), whole)


def test_rare_items_tell_more():
    count = np.array([100, 1, 1, 1])
    sets = item_sets([np.array([0, 1]), np.array([0, 2]), np.array([3, 1]), np.array([-1, 9])], count)
    alike = cosines(sets, np.array([0, 0, 0, 3]), np.array([0, 1, 2, 0]))
    assert alike[0] == pytest.approx(1)
    assert 0 < alike[1] < alike[2] < 1
    assert alike[3] == 0


def test_nobody_and_no_catalogue_are_no_trouble():
    assert cosines(item_sets([np.array([], int)] * 2, np.array([3])), np.array([0]), np.array([1])) == [0]
    assert cosines(item_sets([np.array([-1])] * 2, np.zeros(0, int)), np.array([0]), np.array([1])) == [0]


def test_a_pair_of_strangers_is_not_a_missing_row():
    known = pair_numbers(np.zeros((2, 11), np.float32), np.array([0.0, 0.5]))
    assert known.shape == (2, PAIR_NUMBERS)
    assert known.any(axis=1).all()
    assert known[1, 12] == pytest.approx(np.log1p(10))


def test_the_adjacency_holds_both_ways():
    assert isinstance(graph().adjacency, sparse.csr_array)
    assert graph().adjacency.sum() == 2 * len(EDGES)
    assert graph(directed=True).adjacency.sum() == len(EDGES)
