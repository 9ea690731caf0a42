"""From the name of a device to the device."""

from __future__ import annotations

import torch

from motet.errors import ProjectError

_KINDS = ("cuda", "xpu")
"""Accelerators that come in numbers."""


def choose_device(name: str) -> torch.device:
    """Return the device of that name; `auto` is a GPU where there is one. ProjectError names those there are."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    there = devices()
    try:
        device = torch.device(name)
    except (RuntimeError, ValueError):
        device = None
    if device is None or str(device) not in there:
        raise ProjectError(
            f"There is no device '{name}' on this machine; it has: {', '.join(there)}.",
            'Name one of these as train.device, or let device = "auto" choose.',
        )
    return device


def devices() -> list[str]:
    """Return the names under which this machine's devices can be asked for."""
    found = ["cpu"]
    for kind in _KINDS:
        module = getattr(torch, kind, None)
        if module is not None and module.is_available():
            found += [kind, *(f"{kind}:{number}" for number in range(module.device_count()))]
    return [*found, "mps"] if torch.backends.mps.is_available() else found
