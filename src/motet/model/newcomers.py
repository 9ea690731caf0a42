"""Items that were put since training, in the torch runtime: a scorer of a catalogue that grows where it stands."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from motet.errors import RequestError
from motet.features.batch import FeatureArrays, ItemArrays
from motet.model.described import described, grown, kept, typed, words_placed
from motet.model.inputs import FeatureTensors, items_placed, to_tensors
from motet.schema import ITEMS as ITEMS_TABLE

if TYPE_CHECKING:
    from motet.model.runtime import TorchScorer


def with_items(self: TorchScorer, places_n: NDArray[np.int32], frame: pl.DataFrame) -> TorchScorer:
    """Return a scorer of a catalogue in which the frame's rows describe the items at these places.

    A place below I takes the place of what was known of that item; later ones stand behind it, without a gap.
    """
    table = self._tables.get(ITEMS_TABLE)
    if table is None or self._served.items is None or self._served.state.items is None:
        raise RequestError("This model was trained without a table of items.", "Train it with one.")
    frame, rows_n = typed(frame, table), places_n.astype(np.int64) + 1
    arrays = described(frame, self._served, table, self._item_labels, lambda: self._encoder)
    grows = arrays.tokens is None and self._served.items.tokens is None and self._device.type == "cpu"
    other = copy(self)
    if grows:
        _grow(self, other, rows_n, kept(self._served.items, rows_n, arrays))
    else:
        items = grown(self._served.items, rows_n, arrays)
        other._served = replace(self._served, items=items)
        other._items = to_tensors(FeatureArrays(items, None, None, {}), self._device, reader=self._reader).items
        tensors = FeatureTensors(other._items, None, None, {}, self._device)
        other._predictors = {name: each.on(tensors) for name, each in self._predictors.items()}
    other._words = words_placed(self._words, places_n, frame, self._served)
    other.item_vectors = _vectors_with(self, other, rows_n)
    self._lookup.note(rows_n - 1)
    return other


def _grow(self: TorchScorer, other: TorchScorer, rows_n: NDArray[np.int64], new: ItemArrays) -> None:
    """Let the other one know the items at `rows_n` (index + 1), without a copy of the catalogue."""
    assert self._served.items is not None and self._items is not None
    items = grown(self._served.items, rows_n, new, growth=self._growth)
    tensors = to_tensors(FeatureArrays(new, None, None, {}), self._device).items
    assert tensors is not None
    other._served = replace(self._served, items=items)
    other._items = items_placed(self._growth, self._items, rows_n, tensors, items)
    on = FeatureTensors(other._items, None, None, {}, self._device)
    other._predictors = {
        name: each.grown(on, rows_n, self._growth, name=name) for name, each in self._predictors.items()
    }


def _vectors_with(self: TorchScorer, other: TorchScorer, rows_n: NDArray[np.int64]) -> NDArray[np.float32]:
    """The unit vectors of the catalogue, those at the rows anew, in the space of the model that ranks."""
    if not len(self.item_vectors):
        return self.item_vectors
    ranking = [task for task, view in self.tasks.items() if view.output == "ranking"]
    for task in [*ranking, *self._served.routes]:
        predictor = other._predictors[self._served.routes[task]]
        vectors = predictor.vectors(predictor.model.sharing.trunk_of(task))
        if vectors is not None:
            rows = vectors[torch.from_numpy(rows_n).to(self._device)]
            return self._growth.place("unit", self.item_vectors, rows_n - 1, _unit(rows.float().cpu().numpy()))
    return self.item_vectors


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-8)
