"""What may be done to a packed model to make it smaller or faster, in the order in which methods follow each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from motet.artifact import Folder
from motet.model.parts import Served
from motet.stages.draft import Draft, int8
from motet.stages.study import Study
from motet.stages.watching import Watch


@dataclass(frozen=True)
class Given:
    """What methods may read: the original, its study, and where training keeps its checkpoints."""

    folder: Folder
    study: Study
    served: Served
    work: Path
    watch: Watch


def _int8(draft: Draft, given: Given) -> Draft:
    return int8(draft)


METHODS: Mapping[str, Callable[[Draft, Given], Draft]] = {"int8": _int8}
"""Short name → what it makes of a draft."""


def drafted(draft: Draft, methods: Sequence[str], given: Given) -> Draft:
    """Return what the methods make of a draft, one after the other in their own order."""
    for name, method in METHODS.items():
        if name in methods:
            draft = method(draft, given)
    return draft
