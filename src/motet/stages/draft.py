"""A model folder on the way to a smaller or faster one: its parts as bytes, and what answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motet.artifact import Folder, Part, layout, write_folder
from motet.artifact.codec import ARRAYS, decode_arrays, decode_json, encode
from motet.artifact.compact import Kind, encode_compact
from motet.artifact.manifest import EncoderInfo
from motet.language.encoders import ENCODERS
from motet.language.load import short_name
from motet.model.parts import ENCODER, ENCODER_ARRAYS, VIEWS, Served, model_parts
from motet.schema import EncoderConfig

TORCH, COMPACT, ONNX = "torch", "torch_compact", "onnx"
"""Runtimes: with whole arrays, with compact ones (an older package says that it is too old), and without torch."""

HALVED = ("index/graph", "state/", "features/arrays")
"""What stays in half precision: counts that are compared with one another, texts of users, axes that whiten."""


@dataclass(frozen=True)
class Draft:
    """parts: name with suffix → bytes. runtime: short name of what answers.

    served: the models, where they are new. done: the methods that were applied, in their order.
    """

    parts: Mapping[str, bytes]
    runtime: str
    encoder: EncoderInfo | None
    served: Served | None = None
    done: tuple[str, ...] = ()

    def with_parts(self, parts: Mapping[str, Part], *, without: tuple[str, ...] = ()) -> Draft:
        """Return the draft with some parts replaced or added; those whose names begin as one of `without` are gone."""
        kept = {name: data for name, data in self.parts.items() if not without or not name.startswith(without)}
        return replace(self, parts={**kept, **dict(encode(name, part) for name, part in parts.items())})

    def with_models(self, served: Served, vectors: NDArray[np.float32] | None) -> Draft:
        """Return the draft with other models.

        vectors: the catalogue's in the space of the model that ranks; None where they stay as they are.
        """
        parts = model_parts(served)
        if vectors is not None:
            parts[layout.VECTORS] = {"vectors": vectors}
        gone = tuple(name for name in self.parts if name.startswith("model/") and not name.startswith(VIEWS))
        return replace(self.with_parts(parts, without=gone), served=served)


def draft_of(folder: Folder) -> Draft:
    """Return a folder as it is, without its report."""
    parts = {name: folder.data(name) for name in folder.names() if name != layout.REPORT}
    return Draft(parts, folder.manifest.runtime, folder.manifest.encoder)


def int8(draft: Draft) -> Draft:
    """Return the draft with int8 rows in place of tables and weights, and half precision for what is left.

    Biases, norms and other short arrays stay as they are.
    """
    parts = dict(draft.parts)
    for name, data in draft.parts.items():
        if name.endswith(ARRAYS):
            small = encode_compact(decode_arrays(name, data), lambda _, name=name: _kind(name))  # type: ignore[misc]
            parts[name] = small if len(small) < len(data) else data
    runtime = COMPACT if draft.runtime == TORCH else draft.runtime
    return replace(draft, parts=parts, runtime=runtime, encoder=_encoder_of(draft.encoder, parts))


def sparse(draft: Draft) -> Draft:
    """Return the draft with the zeros of its models' weights left out; nothing else changes."""
    parts = dict(draft.parts)
    for name, data in draft.parts.items():
        if name.startswith("model/") and name.endswith(ARRAYS):
            small = encode_compact(decode_arrays(name, data), lambda _: "plain")
            parts[name] = small if len(small) < len(data) else data
    return replace(draft, parts=parts, runtime=COMPACT if draft.runtime == TORCH else draft.runtime)


def _encoder_of(known: EncoderInfo | None, parts: Mapping[str, bytes]) -> EncoderInfo | None:
    """The encoder's identity; one that was fitted on the project's own texts is named after its arrays."""
    name = None if known is None else short_name(known.id)
    if name is None or f"{ENCODER}.json" not in parts:
        return known
    encoder = ENCODERS.get(name)(EncoderConfig(name=name))
    plain = decode_json(ENCODER, parts[f"{ENCODER}.json"])
    encoder.restore({**plain, **decode_arrays(ENCODER_ARRAYS, parts[ENCODER_ARRAYS])})
    return EncoderInfo(id=encoder.id)


def write_draft(draft: Draft, target: Path, like: Folder) -> Folder:
    """Write a draft as a model folder that keeps the name, seed, data and tasks of the one that it comes from."""
    manifest = like.manifest
    return write_folder(
        target,
        draft.parts,
        name=manifest.name,
        seed=manifest.seed,
        runtime=draft.runtime,
        data_root=manifest.data_root,
        encoder=draft.encoder,
        tasks=manifest.tasks,
        refit=manifest.refit,
    )


def _kind(name: str) -> Kind:
    return "half" if name.startswith(HALVED) else "int8"
