"""A fixed bug: numbers reached the heads in their own unit, and answers were unscaled all the same."""

import numpy as np
import polars as pl
import pytest

from motet.features.labels import Labels


def test_heads_learn_numbers_that_unscaling_brings_back():
    labels = Labels("number", log=True, centre=3.0, scale=0.5, low=0.0, high=500.0)
    value = pl.Series([0.0, 1.5, 20.0, 499.0])
    learned = labels.targets(value)
    assert np.abs(learned).max() < 10
    assert labels.unscaled(learned) == pytest.approx(value.to_numpy(), rel=1e-4, abs=1e-4)


def test_answers_stay_in_the_range_of_the_training_labels():
    labels = Labels("number", log=True, centre=3.0, scale=0.5, low=0.0, high=500.0)
    assert labels.unscaled(np.array([1e6, -1e6], np.float32)).tolist() == [500.0, 0.0]


def test_other_labels_are_learned_as_they_are_encoded():
    labels = Labels("binary")
    assert labels.targets(pl.Series([True, False])).tolist() == [1.0, 0.0]
