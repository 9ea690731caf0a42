import numpy as np

from motet.evaluate import subset

from ._make import at_random


def test_every_array_is_cut_and_shared_ones_stay():
    some = at_random("ordinal")
    some = subset(some, np.arange(60))
    half = subset(some, np.arange(60) % 2 == 0)
    assert len(half) == 30 and half.score.shape == (30, 4) and half.levels_C is some.levels_C
    assert np.array_equal(half.label, some.label[::2])
    ranked = subset(at_random("ranking"), np.array([5, 2]))
    assert np.array_equal(ranked.rank_n, at_random("ranking").rank_n[[5, 2]]) and ranked.num_items == 50
