"""Which class answers for a model, by the short name in its manifest.

The table is the whole list: a folder cannot name code of its own.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from motet.artifact import Folder
from motet.errors import UPGRADE, ArtifactError
from motet.recommend.port import Scorer

RUNTIMES = {
    "torch": "motet.model.runtime:TorchRuntime",
    "torch_compact": "motet.model.runtime:TorchRuntime",
    "onnx": "motet.model.onnx_runtime:OnnxRuntime",
    "fused": "motet.recommend.fused:FusedRuntime",
    "joined": "motet.recommend.joined:JoinedRuntime",
}


class Runtime(Protocol):
    """What opens a scorer."""

    def open(self, folder: Folder, *, device: str = "auto") -> Scorer:
        """Return the scorer of a verified folder. device: `auto`, `cpu`, `cuda` or `cuda:1`."""
        ...


def open_scorer(folder: Folder, *, device: str = "auto") -> Scorer:
    """Return the scorer that the manifest's runtime opens."""
    name = folder.manifest.runtime
    if name not in RUNTIMES:
        known = ", ".join(sorted(RUNTIMES))
        raise ArtifactError(f"This model needs the runtime '{name}'; known: {known}.", UPGRADE)
    module, _, attribute = RUNTIMES[name].partition(":")
    return cast(Runtime, getattr(importlib.import_module(module), attribute)).open(folder, device=device)
