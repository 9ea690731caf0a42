"""Feature arrays as tensors on a device: the door between NumPy and torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from motet.features.batch import FeatureArrays, ItemArrays
from motet.features.columns import Plain
from motet.features.growing import Growth
from motet.features.item_growth import counts_placed, plain_placed
from motet.features.ngrams import Bags
from motet.features.tokens import Tokens
from motet.language.reader import Reader
from motet.model.token_tensors import TokenTensors, token_tensors


@dataclass(frozen=True)
class PlainTensors:
    """As features.Plain."""

    codes_nC: Tensor
    bins_nB: Tensor
    tag_ids: Tensor
    tag_starts: Tensor
    vectors_nV: Tensor | None = None

    def take(self, rows: Tensor) -> PlainTensors:
        """Return the chosen rows; tags are gathered into new bags."""
        ids, starts = gather_bags(self.tag_ids, self.tag_starts, rows)
        vectors = None if self.vectors_nV is None else self.vectors_nV[rows]
        return PlainTensors(self.codes_nC[rows], self.bins_nB[rows], ids, starts, vectors)


@dataclass(frozen=True)
class BagTensors:
    """Weighted bags of ids: row r holds ids[starts[r]:starts[r + 1]]."""

    ids: Tensor
    starts: Tensor
    weights: Tensor

    def take(self, rows: Tensor) -> BagTensors:
        """Return the chosen rows."""
        where, starts = _ranges(self.starts, rows)
        return BagTensors(self.ids[where], starts, self.weights[where])


@dataclass(frozen=True)
class WordTensors:
    """As features.WordRows."""

    ids: Tensor
    starts: Tensor

    def take(self, rows: Tensor) -> Tensor:
        """Return the words of the chosen rows, (n, L), 0 behind the shorter ones."""
        where, starts = _ranges(self.starts, rows)
        length = starts[1:] - starts[:-1]
        width = int(length.max()) if len(rows) else 0
        step = torch.arange(width, device=rows.device)
        out = torch.zeros(len(rows), width, dtype=torch.int64, device=rows.device)
        out[step[None, :] < length[:, None]] = self.ids[where]
        return out


@dataclass(frozen=True)
class ItemTensors:
    """As features.ItemArrays; changed holds the rows themselves."""

    text: Tensor
    text_masked: Tensor
    plain: PlainTensors
    plain_masked: PlainTensors
    count: Tensor
    tokens: TokenTensors | None = None
    tokens_masked: TokenTensors | None = None
    changed: Tensor | None = None


@dataclass(frozen=True)
class EventTensors:
    """As features.EventArrays."""

    item_N: Tensor
    gap_N: Tensor
    text_N: Tensor
    plain: PlainTensors
    text_vectors: Tensor


@dataclass(frozen=True)
class RowTensors:
    """As features.RowArrays."""

    plain: PlainTensors | None
    text: Tensor | None
    bags: Mapping[str, BagTensors]
    words: WordTensors | None = None
    tokens: TokenTensors | None = None


@dataclass(frozen=True)
class FeatureTensors:
    """As features.FeatureArrays."""

    items: ItemTensors | None
    events: EventTensors | None
    profiles: PlainTensors | None
    rows: Mapping[str, RowTensors]
    device: torch.device


def to_tensors(arrays: FeatureArrays, device: torch.device, *, reader: Reader | None = None) -> FeatureTensors:
    """Return the arrays as tensors; on a CPU they share memory. reader: reads what stands there as tokens."""

    def tensor(array: NDArray[np.generic]) -> Tensor:
        array = array.astype(np.int64) if array.dtype == np.int32 else array
        return torch.from_numpy(np.ascontiguousarray(array)).to(device)

    def plain(each: Plain) -> PlainTensors:
        vectors = None if each.vectors_nV is None else tensor(each.vectors_nV)
        codes, bins = tensor(each.codes_nC), tensor(each.bins_nB)
        return PlainTensors(codes, bins, tensor(each.tag_ids), tensor(each.tag_starts), vectors)

    def bags(each: Bags) -> BagTensors:
        return BagTensors(tensor(each.ids), tensor(each.offsets), tensor(each.weights))

    def tokens(each: Tokens | None) -> TokenTensors | None:
        return None if each is None or reader is None else token_tensors(each, reader, device)

    items, events = None, None
    if arrays.items is not None:
        each = arrays.items
        items = ItemTensors(
            tensor(each.text),
            tensor(each.text_masked),
            plain(each.plain),
            plain(each.plain_masked),
            tensor(each.count),
            tokens(each.tokens),
            tokens(each.tokens_masked),
            None if each.changed is None else tensor(np.flatnonzero(each.changed)),
        )
    if arrays.events is not None:
        one = arrays.events
        events = EventTensors(
            tensor(one.item_N), tensor(one.gap_N), tensor(one.text_N), plain(one.plain), tensor(one.text_vectors)
        )
    rows = {
        name: RowTensors(
            None if row.plain is None else plain(row.plain),
            None if row.text is None else tensor(row.text),
            {family: bags(bag) for family, bag in row.bags.items()},
            None if row.words is None else WordTensors(tensor(row.words.ids), tensor(row.words.offsets)),
            tokens(row.tokens),
        )
        for name, row in arrays.rows.items()
    }
    profiles = None if arrays.profiles is None else plain(arrays.profiles)
    return FeatureTensors(items, events, profiles, rows, device)


def items_placed(
    growth: Growth, known: ItemTensors, rows_n: NDArray[np.int64], new: ItemTensors, arrays: ItemArrays
) -> ItemTensors:
    """Return the catalogue's tensors with n described items at `rows_n` (index + 1), on a CPU, without a copy of it.

    arrays: the same catalogue, grown already; what holds fractions shares its memory.
    """

    def plain(name: str, each: PlainTensors, more: PlainTensors, shared: Plain) -> PlainTensors:
        whole = plain_placed(growth, f"tensor/{name}", _whole(each), rows_n, _whole(more))
        codes, ids, starts = (torch.from_numpy(x) for x in (whole.codes_nC, whole.tag_ids, whole.tag_starts))
        vectors = None if shared.vectors_nV is None else torch.from_numpy(shared.vectors_nV)
        return PlainTensors(codes, torch.from_numpy(shared.bins_nB), ids, starts, vectors)

    return ItemTensors(
        torch.from_numpy(arrays.text),
        torch.from_numpy(arrays.text_masked),
        plain("plain", known.plain, new.plain, arrays.plain),
        plain("plain_masked", known.plain_masked, new.plain_masked, arrays.plain_masked),
        torch.from_numpy(counts_placed(growth, "tensor/count", known.count.numpy(), rows_n)),
    )


def _whole(each: PlainTensors) -> Plain:
    """What holds whole numbers, as arrays."""
    none = np.zeros((len(each.tag_starts) - 1, 0), np.float32)
    return Plain(each.codes_nC.numpy(), none, each.tag_ids.numpy(), each.tag_starts.numpy())


def gather_bags(ids: Tensor, starts: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return (ids, starts) of the chosen rows' bags."""
    where, new_starts = _ranges(starts, rows)
    return ids[where], new_starts


def _ranges(starts: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    begin, length = starts[rows], starts[rows + 1] - starts[rows]
    new_starts = torch.zeros(len(rows) + 1, dtype=torch.int64, device=rows.device)
    torch.cumsum(length, 0, out=new_starts[1:])
    shift = torch.repeat_interleave(begin - new_starts[:-1], length)
    return shift + torch.arange(int(new_starts[-1]), device=rows.device), new_starts
