from dataclasses import replace

import numpy as np
import pytest

from motet.stages.judging import _same, _same_items


def test_equal_features_are_the_same(study):
    state, items = study.features.state, study.features.arrays.items
    assert _same(state, state) and _same_items(items, items) and _same_items(None, None)


def changed(state, what):
    """The features as other tables would make them."""
    if what == "labels":
        other = replace(state.labels["rating"], levels=(1.0, 5.0))
        return replace(state, labels={**state.labels, "rating": other})
    if what == "texts":
        return replace(state, whitening=replace(state.whitening, mean=state.whitening.mean + 0.1))
    if what == "no texts":
        return replace(state, whitening=None)
    if what == "words":
        return replace(state, ngrams=dict(list(state.ngrams.items())[1:]))
    return replace(state, items=replace(state.items, tags=(*state.items.tags, "categories=new")))


@pytest.mark.parametrize("what", ["labels", "texts", "no texts", "words", "items"])
def test_other_features_are_not(study, what):
    assert not _same(study.features.state, changed(study.features.state, what))


def test_turned_axes_are_the_same(study):
    state = study.features.state
    turned = replace(state.whitening, projection=-state.whitening.projection)
    assert _same(state, replace(state, whitening=turned))


def test_another_catalogue_is_not_the_same(study):
    items = study.features.arrays.items
    more = replace(items, count=np.append(items.count, 0))
    seen = replace(items, count=items.count + 1)
    assert not _same_items(items, more) and not _same_items(items, seen) and not _same_items(items, None)
