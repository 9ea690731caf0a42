"""Users leave model folders: every one that the store knows on this machine; what could not be reached is told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from motet.errors import MotetError
from motet.recommend.forget import erase as erase_from
from motet.store import Model

__all__ = ["Erased", "erase_from", "erase_from_all"]


@dataclass(frozen=True)
class Erased:
    """From which models' folders users went. models: versions that held something. waiting: why others still may."""

    models: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def erase_from_all(models: Sequence[Model], users: Collection[str]) -> Erased:
    """Erase users from the folder of every model; one that cannot be read or written keeps no other from it.

    Folders that are not on this machine are passed over: who opens them there erases users from them.
    """
    held, waiting, done = [], [], set[str]()
    for model in models:
        if model.path in done or not Path(model.path).is_dir():
            continue
        done.add(model.path)
        try:
            if erase_from(model.path, users):
                held.append(model.version)
        except MotetError as error:
            waiting.append(f"The folder of model '{model.version}' may still hold the user: {error.message}")
    return Erased(tuple(held), tuple(waiting))
