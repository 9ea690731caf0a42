"""What is made of a model folder is written to another place: the original stays until somebody takes it away."""

from __future__ import annotations

import os
from pathlib import Path

from motet.artifact import check_target
from motet.errors import RequestError


def check_apart(out: str | Path, *originals: str | Path) -> Path:
    """Return the real path of `out` if a folder made of `originals` may be written there; see `check_target`.

    Raises RequestError where it is one of them, or lies within one.
    """
    place = Path(os.path.realpath(out))
    for original in originals:
        known = Path(os.path.realpath(original))
        if known == place or known in place.parents:
            where = "is" if known == place else "lies within"
            raise RequestError(
                f"'{out}' {where} the model folder that is read, which would be replaced.",
                "Name another folder for --out.",
            )
    return check_target(place)
