"""Users leave a model folder: the same as `recommend.forget`, for several at once and between several processes."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from motet.artifact import Part, layout, open_folder, update_folder
from motet.recommend import UserStates
from motet.recommend.examples import without_examples
from motet.recommend.relations import Relations


def erase_from(path: str | Path, users: Collection[str]) -> bool:
    """Erase users from the model folder at `path` in one step; return whether it held anything of them."""
    with _alone(Path(path).resolve()):
        folder = open_folder(path)
        states = UserStates.from_folder(folder) if folder.has(layout.HISTORIES) else UserStates.empty()
        relations = Relations.from_folder(folder)
        pairs = relations
        parts: dict[str, Part] = {}
        held = [user for user in users if user in states]
        for user in users:
            states, pairs = states.without(user), pairs.without(user)
        if held:
            parts |= states.to_parts()
        if pairs.pairs.height < relations.pairs.height:
            parts |= pairs.to_parts()
        parts |= without_examples(folder, users)
        if parts:
            update_folder(path, parts)
    return bool(parts)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time: of two that write a folder anew, one would bring back whom the other erased."""
    name = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    with open(Path(tempfile.gettempdir()) / f"motet-{name}.lock", "a", encoding="utf-8") as lock:
        try:
            import fcntl
        except ImportError:  # a system without such locks serves with one process
            yield
            return
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
