import numpy as np

from motet.recommend.diversify import diversify

VECTORS = np.array([[1, 0], [1, 0], [0, 1], [0.6, 0.8]], np.float32)
SCORES = np.array([4.0, 3.9, 3.0, 2.0])


def test_off_means_by_score() -> None:
    assert diversify(SCORES, VECTORS, k=4, diversity=0.0).tolist() == [0, 1, 2, 3]


def test_a_copy_waits_for_something_new() -> None:
    # Relevance 1, .95, .5, 0. After item 0 (similarities 1, 1, 0, .6): .5·.95 − .5·1 < .5·.5 − 0.
    assert diversify(SCORES, VECTORS, k=2, diversity=0.5).tolist() == [0, 2]


def test_only_novelty_counts_at_one() -> None:
    assert diversify(SCORES, VECTORS, k=3, diversity=1.0).tolist() == [0, 2, 3]


def test_every_candidate_once() -> None:
    assert sorted(diversify(np.zeros(4), VECTORS, k=10, diversity=0.7).tolist()) == [0, 1, 2, 3]
    assert diversify(np.zeros(0), np.zeros((0, 2), np.float32), k=3, diversity=0.5).tolist() == []
