"""The baton between features and model: index arrays into the feature arrays, and labels. NumPy only.

B = histories in the batch, L = events of the longest, n = questions of a block, m = labelled ones of a task.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.features.columns import Plain
from motet.features.history import EventArrays
from motet.features.memory import Recall
from motet.features.ngrams import Bags
from motet.features.tokens import Tokens
from motet.features.word_ids import WordRows

Index = NDArray[np.int64]


@dataclass(frozen=True)
class ItemArrays:
    """The catalogue: I items behind an empty row 0.

    text, text_masked: float32 (I + 1, T), whitened; masked is made without the columns that are some item task's
    label. plain, plain_masked: likewise. count: int32 (I + 1,), training events of each item.
    tokens, tokens_masked: the same texts for a language model that is trained. changed: bool (I + 1,), items whose
    texts came after training; None where none did.
    """

    text: NDArray[np.float32]
    text_masked: NDArray[np.float32]
    plain: Plain
    plain_masked: Plain
    count: NDArray[np.int32]
    tokens: Tokens | None = None
    tokens_masked: Tokens | None = None
    changed: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class RowArrays:
    """What a view shows of its rows: plain columns, a standardised text vector, n-gram bags (by family), or words.

    tokens: the texts for a language model that is trained, which then makes the vectors.
    """

    plain: Plain | None
    text: NDArray[np.float32] | None
    bags: Mapping[str, Bags]
    words: WordRows | None = None
    tokens: Tokens | None = None


@dataclass(frozen=True)
class Segments:
    """Stretches of histories. event_BL: rows of EventArrays, 0 for padding; user_B: index + 1, 0 for unknown.

    Where training varies them (features.augment), shown_BL are the rows that are read in their place, 0 for an event
    that is emptied, and item_BL the items + 1 in place of theirs.
    """

    event_BL: Index
    user_B: Index
    shown_BL: Index | None = None
    item_BL: Index | None = None


@dataclass(frozen=True)
class Hidden:
    """What training makes of a step's texts and representations; see schema.AugmentConfig. stream: of its chance."""

    words: float
    text: float
    mix: float
    stream: int


@dataclass(frozen=True)
class SoftTarget:
    """What others say of questions without a label: index_s, label_s as the head answers, and how much one counts."""

    index_s: Index
    label_s: NDArray[np.float32]
    weight: float


@dataclass(frozen=True)
class Target:
    """A task's labels among the questions of a block: index_m into the questions, and label_m; with `soft`, none may
    be known.
    """

    index_m: Index
    label_m: NDArray[Any]
    soft: SoftTarget | None = None

    @property
    def count(self) -> int:
        """How many labels these are worth, at least 1."""
        if self.soft is None:
            return len(self.index_m)
        return max(1, round(len(self.index_m) + self.soft.weight * len(self.soft.index_s)))


@dataclass(frozen=True)
class Block:
    """n questions of one view. Fields are None where the view has no such source.

    state_n: b · (L + 1) + t, the token whose state knows the history (t = 0 is the profile token).
    other_state_n: likewise, of the second user of a pair. pair_nF: float32, what is known of the pair (features.pairs).
    gap_n: bucket of the time since the last event. item_n: index + 1. row_n: row of the view's RowArrays.
    recall: asks the memory about these questions, for views with a ranking that has one.
    """

    view: str
    state_n: Index | None
    gap_n: Index | None
    item_n: Index | None
    row_n: Index | None
    targets: Mapping[str, Target]
    size: int
    other_state_n: Index | None = None
    pair_nF: NDArray[np.float32] | None = None
    recall: Recall | None = None


@dataclass(frozen=True)
class Batch:
    """One forward pass: histories, and blocks of questions about them (or about rows and items alone).

    hidden: how training varies it, if at all.
    """

    segments: Segments | None
    blocks: tuple[Block, ...]
    hidden: Hidden | None = None


@dataclass(frozen=True)
class FeatureArrays:
    """Everything that a model looks up by index. Any of them may be absent."""

    items: ItemArrays | None
    events: EventArrays | None
    profiles: Plain | None
    rows: Mapping[str, RowArrays]
