"""One at a time: whoever changes a model folder holds a lock that lies beside it, whatever process or container."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from motet.errors import ArtifactError

WAIT_SECONDS = 120.0
"""How long others may take to write a folder anew before waiting for them is given up."""
LOOK_SECONDS = 0.02


@contextmanager
def alone(target: Path) -> Iterator[None]:
    """Hold the lock of the folder at `target`; of two who change it, one would bring back what the other erased.

    Raises ArtifactError where the lock cannot be made, or others hold it all the time. Nothing is left beside the
    folder afterwards.
    """
    if find_spec("fcntl") is None:  # a system without such locks serves with one process
        yield
        return
    path = lock_of(target)
    try:
        handle = _taken(path, time.monotonic() + WAIT_SECONDS)
    except OSError as error:
        told = f"'{target}' cannot be changed: {error.strerror or error} (its lock '{path}')."
        raise ArtifactError(told, "Check the permissions of the folder around it.") from None
    if handle is None:
        told = f"'{target}' cannot be changed: others have been writing it for {WAIT_SECONDS:g} seconds."
        raise ArtifactError(told, "Try again when they are done.")
    try:
        yield
    finally:
        with suppress(OSError):  # while it is held: who waits for it finds that it is gone, and makes another
            path.unlink()
        os.close(handle)


def lock_of(target: Path) -> Path:
    """Return where the lock of a folder lies: hidden, beside it, where whoever may replace the folder may write."""
    return target.with_name(f".{target.name}.lock")


def _taken(path: Path, until: float) -> int | None:
    """The handle of the lock, held; None where others held it until then."""
    import fcntl

    while True:
        handle = _opened(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_there(handle, path):
                return handle
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(handle)
                return None
            time.sleep(LOOK_SECONDS)
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _opened(path: Path) -> int:
    """The file opened, made where there is none; one that another user left may be locked without writing to it."""
    safe = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | safe, 0o644)
    except PermissionError:
        if not path.exists():  # nobody left it: it is we who may not make one here
            raise
        return os.open(path, os.O_RDONLY | safe)


def _is_there(handle: int, path: Path) -> bool:
    """Whether the file that was locked is still the one that others find."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False
