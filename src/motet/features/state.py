"""The fitted state of all features, as parts of an artifact: JSON and arrays only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.features.columns import ColumnState
from motet.features.labels import Labels
from motet.features.ngrams import NgramBag
from motet.features.views import View
from motet.features.whitening import Standardise, Whitening
from motet.features.word_ids import WordIds

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class FeatureState:
    """Everything that was fitted, on training rows only.

    items, users, events: encodings of those tables' plain columns. rows: by view name, of the asked row.
    labels: by task. whitening: of item texts and event texts. standardise, ngrams, words: by view name with text.
    views: by task. timed: whether events have real time (milliseconds), so that gaps mean something.
    """

    labels: Mapping[str, Labels]
    views: Mapping[str, View]
    items: ColumnState | None
    users: ColumnState | None
    events: ColumnState | None
    rows: Mapping[str, ColumnState]
    whitening: Whitening | None
    standardise: Mapping[str, Standardise]
    ngrams: Mapping[str, NgramBag]
    timed: bool
    words: Mapping[str, WordIds] = field(default_factory=dict)

    def to_parts(self) -> tuple[dict[str, Any], Arrays]:
        """Return (JSON-able fields, arrays)."""
        arrays: Arrays = {}
        fields: dict[str, Any] = {
            "labels": {name: labels.to_json() for name, labels in self.labels.items()},
            "views": {name: vars(view) for name, view in self.views.items()},
            "rows": {name: state.to_json() for name, state in self.rows.items()},
            "timed": self.timed,
            "standardise": sorted(self.standardise),
            "ngrams": {},
        }
        for name in ("items", "users", "events"):
            state = getattr(self, name)
            fields[name] = None if state is None else state.to_json()
        fields["whitening"] = self.whitening is not None
        if self.whitening is not None:
            arrays |= _prefixed("whitening", self.whitening.to_arrays())
        for name, standard in self.standardise.items():
            arrays |= _prefixed(f"standardise/{name}", standard.to_arrays())
        for name, bag in self.ngrams.items():
            fields["ngrams"][name], bag_arrays = bag.to_parts()
            arrays |= _prefixed(f"ngrams/{name}", bag_arrays)
        if self.words:
            fields["words"] = {}
        for name, each in self.words.items():
            fields["words"][name], word_arrays = each.to_parts()
            arrays |= _prefixed(f"words/{name}", word_arrays)
        return fields, arrays

    @classmethod
    def from_parts(cls, fields: Mapping[str, Any], arrays: Arrays, *, tokenise: Any) -> FeatureState:
        """Return the state that `to_parts` wrote. tokenise: words of a text, for Chinese n-grams."""

        def columns(name: str) -> ColumnState | None:
            return None if fields[name] is None else ColumnState.from_json(fields[name])

        return cls(
            labels={name: Labels.from_json(value) for name, value in fields["labels"].items()},
            views={
                name: View(
                    value["table"],
                    tuple(value["sources"]),
                    tuple(value["text"]),
                    tuple(value["columns"]),
                    bool(value["at_moment"]),
                )
                for name, value in fields["views"].items()
            },
            items=columns("items"),
            users=columns("users"),
            events=columns("events"),
            rows={name: ColumnState.from_json(value) for name, value in fields["rows"].items()},
            whitening=Whitening.from_arrays(_below("whitening", arrays)) if fields["whitening"] else None,
            standardise={
                name: Standardise.from_arrays(_below(f"standardise/{name}", arrays)) for name in fields["standardise"]
            },
            ngrams={
                name: NgramBag.from_parts(value, _below(f"ngrams/{name}", arrays), tokenise=tokenise)
                for name, value in fields["ngrams"].items()
            },
            timed=bool(fields["timed"]),
            words={
                name: WordIds.from_parts(value, _below(f"words/{name}", arrays), tokenise=tokenise)
                for name, value in fields.get("words", {}).items()
            },
        )


def _prefixed(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    return {f"{prefix}/{name}": np.ascontiguousarray(array) for name, array in arrays.items()}


def _below(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    start = f"{prefix}/"
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
