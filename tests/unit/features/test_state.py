import json

import numpy as np

from motet.features.state import FeatureState
from motet.language.tokenise import tokeniser


def test_parts_are_json_and_arrays(study):
    fields, arrays = study.features.state.to_parts()
    json.dumps(fields)
    assert arrays and all(isinstance(array, np.ndarray) and array.flags.c_contiguous for array in arrays.values())


def test_the_state_survives_its_parts(study):
    state = study.features.state
    fields, arrays = state.to_parts()
    again = FeatureState.from_parts(json.loads(json.dumps(fields)), arrays, tokenise=tokeniser("en"))
    assert again.labels == state.labels and again.views == state.views and again.timed == state.timed
    assert (again.items, again.users, again.events, again.rows) == (state.items, state.users, state.events, state.rows)
    second_fields, second_arrays = again.to_parts()
    assert json.dumps(second_fields) == json.dumps(fields)
    assert set(second_arrays) == set(arrays)
    assert all(np.array_equal(second_arrays[name], arrays[name]) for name in arrays)


def test_what_was_read_back_encodes_alike(study):
    state = study.features.state
    again = FeatureState.from_parts(*state.to_parts(), tokenise=tokeniser("en"))
    text = ["a lovely thing for garden", "broken"]
    for name, bag in state.ngrams.items():
        one, other = bag.transform(text), again.ngrams[name].transform(text)
        for family in one:
            assert np.array_equal(one[family].ids, other[family].ids)
            assert np.array_equal(one[family].weights, other[family].weights)
    vectors = np.random.default_rng(0).normal(size=(3, len(state.whitening.mean))).astype(np.float32)
    assert np.array_equal(state.whitening.apply(vectors), again.whitening.apply(vectors))
    name = next(iter(state.standardise))
    vectors = vectors[:, : len(state.standardise[name].mean)]
    assert np.array_equal(state.standardise[name].apply(vectors), again.standardise[name].apply(vectors))


def test_a_state_without_texts_survives(windowed):
    from dataclasses import replace

    bare = replace(windowed.features.state, whitening=None, standardise={}, ngrams={}, items=None, users=None)
    again = FeatureState.from_parts(*bare.to_parts(), tokenise=tokeniser("en"))
    assert again.whitening is None and again.items is None and again.users is None and again.events == bare.events
