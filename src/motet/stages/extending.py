"""A trained model in a catalogue that has grown: every item keeps what was learned of it, new ones begin with nothing.

What an item with nothing learned is, its text and attributes say (see `model.trunk.items`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from motet.features.memory import Memory
from motet.model.assemble import MotetModel, build
from motet.model.heads.ranking import SELDOM
from motet.model.shape import ModelShape
from motet.stages.growing import fill

Places = NDArray[np.int64]


def places_of(new: pl.Series, old: pl.Series) -> Places:
    """Return, per item of a new catalogue, its place in an old one, -1 where it had none."""
    index = {item: place for place, item in enumerate(old.to_list())}
    return np.fromiter((index.get(item, -1) for item in new.to_list()), np.int64, len(new))


@torch.no_grad()
def extended(model: MotetModel, old_I: Places, *, seed: int) -> MotetModel:
    """Return the model over another catalogue, with the same answers about the items that both have.

    old_I: per item of the other catalogue, its place in the model's own, or -1 (see `places_of`).
    """
    shape = replace(model.shape, num_items=len(old_I))
    tables = _item_tables(model.shape)
    grown = build(shape, seed=seed).to(next(model.parameters()).device)
    fill(grown, model)
    old, known = model.state_dict(), torch.from_numpy(np.flatnonzero(old_I >= 0))
    places = torch.from_numpy(old_I[old_I >= 0])
    for name, weight in grown.state_dict().items():
        if name in tables:
            behind = tables[name]  # tables with a row for no item have it first
            weight.copy_(_unknown(old[name], behind).expand_as(weight))
            weight[:behind] = old[name][:behind]
            weight[known + behind] = old[name][places + behind]
    return grown.train(model.training)


def _unknown(table: Tensor, behind: int) -> Tensor:
    """The row of an item that came later: nothing, or the bias of an item which hardly anybody chose."""
    if behind or not len(table):
        return torch.zeros_like(table[:1])
    return table.kthvalue(1 + int(SELDOM * (len(table) - 1)), dim=0).values[None]


def _item_tables(shape: ModelShape) -> dict[str, int]:
    """Return the names of weights with a row per item, and how many rows stand before the first item's."""
    if not shape.num_items:
        return {}
    with torch.random.fork_rng(devices=[]):
        one, two = (build(replace(shape, num_items=size), seed=0).state_dict() for size in (1, 2))
    return {name: len(value) - 1 for name, value in one.items() if value.shape != two[name].shape}


def grown_memory(memory: Memory | None, old_I: Places) -> Memory | None:
    """Return a memory over another catalogue; new items follow nothing and resemble nothing."""
    if memory is None:
        return None
    size, known = len(old_I), np.flatnonzero(old_I >= 0)
    new_of_old = np.full(len(memory.total_I), -1, np.int64)
    new_of_old[old_I[known]] = known
    total = np.zeros(size, memory.total_I.dtype)
    total[known] = memory.total_I[old_I[known]]

    def moved(table: sparse.csr_array) -> sparse.csr_array:
        pairs = table.tocoo()
        row, column = new_of_old[pairs.coords[0]], new_of_old[pairs.coords[1]]
        kept = (row >= 0) & (column >= 0)
        found = sparse.csr_array((pairs.data[kept], (row[kept], column[kept])), shape=(size, size))
        return found

    return Memory(moved(memory.count_II), total, moved(memory.alike_II))
