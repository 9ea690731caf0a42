"""Texts as token ids beside the language model that reads them, and what makes its vectors fit for use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from motet.features.tokens import Tokens
from motet.features.whitening import Whitening
from motet.language.reader import Reader


class Memo:
    """Vectors of texts under the weights with which they were last asked for."""

    def __init__(self) -> None:
        self._weights: list[tuple[Tensor, int]] | None = None
        self._vectors, self._known = torch.zeros(0, 0), torch.zeros(0, dtype=torch.bool)

    def of(self, weights: Mapping[str, Tensor], rows: Tensor, *, size: int, read: Callable[[Tensor], Tensor]) -> Tensor:
        """Return the vectors of the chosen rows of `size`; `read` makes those that are not known yet."""
        now = [(weight, weight._version) for weight in weights.values()]
        if self._weights is None or not _same(now, self._weights):
            self._weights, self._vectors = now, torch.zeros(0, 0)
            self._known = torch.zeros(size, dtype=torch.bool, device=rows.device)
        new = torch.unique(rows[~self._known[rows]])
        if len(new):
            vectors = read(new)
            if not self._vectors.numel():
                self._vectors = torch.zeros(size, vectors.shape[1], device=rows.device)
            self._vectors[new], self._known[new] = vectors, True
        return self._vectors[rows]


def _same(one: list[tuple[Tensor, int]], other: list[tuple[Tensor, int]]) -> bool:
    """Whether the very same tensors were not written to in between."""
    return len(one) == len(other) and all(a is b and m == n for (a, m), (b, n) in zip(one, other, strict=True))


@dataclass(frozen=True, eq=False)
class TokenTensors:
    """As features.Tokens: n texts. fitted(v) = (v − mean) · scale or projection, of length `norm` where it is given."""

    texts: Tokens
    reader: Reader
    mean: Tensor
    scale: Tensor
    norm: float | None
    memo: Memo = field(default_factory=lambda: Memo())

    def read(self, weights: Mapping[str, Tensor], rows: Tensor, *, training: bool) -> Tensor:
        """Return the vectors of the chosen texts, (n, width), as a trunk reads them; zeros for those without tokens."""
        return self._fitted(self.reader.vectors(weights, self._lists(rows), training=training))

    def remembered(self, weights: Mapping[str, Tensor], rows: Tensor) -> Tensor:
        """Return the same without a gradient; texts that several tasks ask about are read once, as long as the weights
        stay what they are.
        """
        size = len(self.texts)
        return self.memo.of(weights, rows, size=size, read=lambda new: self.read(weights, new, training=False))

    def _fitted(self, vectors_nD: Tensor) -> Tensor:
        told = vectors_nD.any(dim=1, keepdim=True)
        centred = vectors_nD - self.mean
        found = centred * self.scale if self.scale.ndim == 1 else centred @ self.scale
        if self.norm is not None:
            found = self.norm * F.normalize(found, dim=1)
        return found * told

    def _lists(self, rows: Tensor) -> list[Sequence[int]]:
        ids, starts = self.texts.ids, self.texts.starts
        return [ids[starts[row] : starts[row + 1]].tolist() for row in rows.tolist()]


def token_tensors(texts: Tokens, reader: Reader, device: torch.device) -> TokenTensors:
    """Return the texts for a device."""
    fit = texts.fit
    scale = torch.from_numpy(fit.projection if isinstance(fit, Whitening) else 1 / fit.scale)
    mean = torch.from_numpy(fit.mean).to(device)
    return TokenTensors(texts, reader, mean, scale.float().to(device), fit.norm if isinstance(fit, Whitening) else None)
