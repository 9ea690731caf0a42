"""Putting a finished folder in its place in one step, so that a reader finds the old one or the new one, whole."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import secrets
import shutil
import sys
import time
from pathlib import Path

_DAY_SECONDS = 86_400
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def beside(target: Path, word: str) -> Path:
    """Return a fresh name next to `target`, for instance `model.tmp-3f…`."""
    return target.with_name(f"{target.name}.{word}-{secrets.token_hex(8)}")


def clear_stale(target: Path) -> None:
    """Remove what interrupted writes of `target` left beside it more than a day ago; newer ones may be in use."""
    pattern = re.compile(re.escape(target.name) + r"\.tmp-[0-9a-f]{16}")
    for other in target.parent.iterdir():
        if pattern.fullmatch(other.name) and time.time() - other.lstat().st_mtime > _DAY_SECONDS:
            shutil.rmtree(other, ignore_errors=True)


def put(staged: Path, target: Path) -> Path | None:
    """Move `staged` to `target`, durably; return where the folder that stood there is now, or None.

    The two are exchanged in one step where the system can; elsewhere the old folder is first moved aside. When
    anything fails, `target` is as it was before.
    """
    if not target.exists():
        os.rename(staged, target)
        try:
            sync_folder(target.parent)
        except OSError:
            os.rename(target, staged)
            raise
        return None
    old = _swap(staged, target)
    try:
        sync_folder(target.parent)
    except OSError:
        shutil.rmtree(_swap(old, target), ignore_errors=True)
        raise
    return old


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system lets folders be synced."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(staged: Path, target: Path) -> Path:
    """Put `staged` in the place of `target`; return where the former `target` is now."""
    if _exchange(staged, target):
        return staged
    old = beside(target, "old")
    os.rename(target, old)
    try:
        os.rename(staged, target)
    except OSError:
        os.rename(old, target)
        raise
    return old


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP):
        return False
    raise OSError(code, os.strerror(code), str(other))
