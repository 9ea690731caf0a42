"""Checkpoints: everything a run needs to go on as if it had never stopped, in arrays and JSON, written whole."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from motet.features.soft import SoftLabels


def save_checkpoint(folder: Path, tensors: dict[str, Tensor], fields: dict[str, Any]) -> None:
    """Write a checkpoint beside the last one, then put it in its place; a crash leaves one or the other."""
    folder.mkdir(parents=True, exist_ok=True)
    number = fields["epoch"]
    weights = folder / f"epoch-{number}.safetensors"
    temporary = folder / "writing.safetensors"
    save_file({name: value.detach().cpu().contiguous() for name, value in tensors.items()}, temporary)
    _sync(temporary)
    os.replace(temporary, weights)
    text = folder / "writing.json"
    text.write_text(json.dumps({**fields, "weights": weights.name}))
    _sync(text)
    os.replace(text, folder / "checkpoint.json")
    _sync(folder)
    for old in folder.glob("epoch-*.safetensors"):
        if old != weights:
            old.unlink()


def load_checkpoint(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Return (tensors, fields) of the last complete checkpoint, or None."""
    pointer = folder / "checkpoint.json"
    if not pointer.exists():
        return None
    fields = json.loads(pointer.read_text())
    return load_file(folder / fields["weights"]), fields


def soft_tensors(labels: Mapping[str, SoftLabels]) -> dict[str, Tensor]:
    """Return soft labels as named tensors, numbered in the order of their tasks."""
    found = {}
    for number, each in enumerate(labels.values()):
        found[f"{number}.question"] = torch.from_numpy(each.question_s)
        found[f"{number}.label"] = torch.from_numpy(each.label_s)
    return found


def soft_labels(told: Sequence[tuple[str, float, float]], tensors: Mapping[str, Tensor]) -> dict[str, SoftLabels]:
    """Return the soft labels that were made tensors. told: task, weight and loss of each, in the same order."""
    return {
        task: SoftLabels(tensors[f"{number}.question"].numpy(), tensors[f"{number}.label"].numpy(), weight, loss)
        for number, (task, weight, loss) in enumerate(told)
    }


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return the optimiser's state as named tensors."""
    found = {}
    for index, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            found[f"{index}.{name}"] = value
    return found


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put named tensors back into the optimiser."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
