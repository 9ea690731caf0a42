import numpy as np
import polars as pl
import pytest

from motet.features.graph import PARTS, NodeVectors, item_vectors, part_of_pairs, user_vectors, with_columns

CIRCLES = np.array([[a, b] for circle in (range(8), range(8, 16)) for a in circle for b in circle if a < b])


def cosine(nodes: NodeVectors, a: int, b: int) -> float:
    x, y = nodes.values_nw[a], nodes.values_nw[b]
    return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))


def test_users_of_one_circle_lie_together_and_a_stranger_has_no_vector() -> None:
    found = user_vectors(CIRCLES, 17, width=2, at_least=1).whole
    assert cosine(found, 0, 7) == pytest.approx(1, abs=1e-4)
    assert cosine(found, 0, 8) == pytest.approx(0, abs=1e-4)
    assert found.known_n.tolist() == [True] * 16 + [False]
    assert not found.values_nw[16].any()


def test_vectors_are_eigenvectors_by_hand() -> None:
    # a path 0 - 1 - 2 has the mean degree 4/3, so that the ends count as 5/3 and the middle as 8/3: every edge weighs
    # √(9/40), and the eigenvalue is √2 times that, with (1, √2, 1) / 2
    value = (2 * 9 / 40) ** 0.5
    found = user_vectors(np.array([[0, 1], [1, 2]]), 3, width=2, at_least=1).whole
    assert np.abs(found.values_nw[:, 0]) == pytest.approx([value / 2, value * 2**-0.5, value / 2], abs=1e-6)
    assert found.values_nw[:, 1] == pytest.approx(0, abs=1e-3), "its eigenvalue is 0"


def test_large_graphs_are_solved_as_small_ones_are(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    edges = np.unique(rng.integers(0, 60, (300, 2)), axis=0)
    edges = edges[edges[:, 0] < edges[:, 1]]
    sparse = user_vectors(edges, 60, width=4, at_least=1).whole
    dense = user_vectors(edges, 60, width=40, at_least=1).whole
    assert np.allclose(sparse.values_nw, dense.values_nw[:, :4], atol=1e-3)
    both = np.column_stack([edges[:, 0], edges[:, 1] % 50])
    few, many = (item_vectors(both, 60, 50, width=w, at_least=1).whole for w in (4, 30))
    assert np.allclose(few.values_nw, many.values_nw[:, :4], atol=1e-3)


def test_direction_and_repetition_change_nothing() -> None:
    twice = np.concatenate([CIRCLES, CIRCLES[:, ::-1]])
    one, two = (user_vectors(each, 16, width=2, at_least=1).whole for each in (CIRCLES, twice))
    assert np.allclose(one.values_nw @ one.values_nw.T, two.values_nw @ two.values_nw.T, atol=1e-5)


def test_items_lie_together_where_the_same_users_had_them() -> None:
    edges = np.array([[u, i] for u in range(4) for i in (0, 1)] + [[u, i] for u in range(4, 8) for i in (2, 3)])
    found = item_vectors(edges, 8, 6, width=2, at_least=5)
    assert not found.of_users and not found.without
    assert not found.whole.known_n.any(), "four users are too few"
    found = item_vectors(edges, 8, 6, width=2, at_least=4)
    assert cosine(found.whole, 0, 1) == pytest.approx(1, abs=1e-4)
    assert cosine(found.whole, 0, 2) == pytest.approx(0, abs=1e-4)
    assert found.whole.known_n.tolist() == [True] * 4 + [False] * 2


def test_a_pair_changes_no_vector_of_the_set_that_leaves_its_part_out() -> None:
    parts = part_of_pairs(CIRCLES[:, 0], CIRCLES[:, 1])
    assert len(set(parts.tolist())) == PARTS
    assert np.array_equal(parts, part_of_pairs(CIRCLES[:, 1], CIRCLES[:, 0]))
    part = int(part_of_pairs(np.array([0]), np.array([8]))[0])
    bridge = np.concatenate([CIRCLES, [[0, 8]]])
    # turned by the same rotation, inner products are what a set says
    for left in range(PARTS):
        plain, bridged = (
            user_vectors(each, 16, width=4, at_least=1).without[left].values_nw for each in (CIRCLES, bridge)
        )
        same = np.allclose(plain @ plain.T, bridged @ bridged.T, atol=1e-3)
        assert same == (left == part)


def test_the_sets_lie_like_the_whole() -> None:
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 4, 200)
    first, second = rng.integers(0, 200, (2, 8000))
    kept = (groups[first] == groups[second]) & (first != second)
    found = user_vectors(np.column_stack([first[kept], second[kept]]), 200, width=4, at_least=1)
    for each in found.without:
        both = each.known_n & found.whole.known_n
        x, y = each.values_nw[both], found.whole.values_nw[both]
        alike = (x * y).sum(1) / np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1)
        assert np.median(alike) > 0.9


def test_known_vectors_stay_and_new_nodes_join_them() -> None:
    before = user_vectors(CIRCLES, 17, width=2, at_least=1).whole
    turned = NodeVectors(before.values_nw[:, ::-1].copy(), before.known_n)
    after = user_vectors(np.concatenate([CIRCLES, [[16, 8], [16, 9]]]), 17, width=2, at_least=1, known=turned).whole
    assert np.array_equal(after.values_nw[:16], turned.values_nw[:16])
    assert after.known_n[16]
    assert cosine(after, 16, 8) > 0.9 > 0.3 > abs(cosine(after, 16, 0))


def test_columns_are_read_back() -> None:
    nodes = user_vectors(CIRCLES, 17, width=3, at_least=1).whole
    frame = with_columns(pl.DataFrame({"id": range(17)}), {"friends": nodes})
    again = NodeVectors.of_column(frame["@graph.friends"], 3)
    assert np.array_equal(again.values_nw, nodes.values_nw) and np.array_equal(again.known_n, nodes.known_n)


def test_a_graph_without_edges_has_no_vectors() -> None:
    found = user_vectors(np.zeros((0, 2), np.int64), 5, width=3, at_least=1)
    assert not found.whole.known_n.any() and found.whole.values_nw.shape == (5, 3)
