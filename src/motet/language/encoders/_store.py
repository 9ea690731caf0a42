"""Models that come packed another way are unpacked once, into ordinary folders in the user's cache.

    FOLDER/models/<name>-<digest of source and unpacking>/   config.json, model.safetensors, tokenizer.json, files.json

`files.json` is written last and holds the size and SHA-256 of every other file. A folder is made beside its place under
a lock, tried out on texts whose vectors are known, and renamed; one that is damaged later is made again.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from motet.errors import MotetError, ProjectError
from motet.language.encoders._folder import digest_of
from motet.language.place import default_cache_folder

LIST = "files.json"
PATIENCE_SECONDS = 900.0
"""How long to wait for another process that is unpacking the same model."""


@dataclass(frozen=True)
class Unpacking:
    """How one model becomes a folder.

    name: the encoder's short name. source: the packed file. num_bytes: what the folder takes. version: of the way of
    unpacking; a new one makes new folders. build(source, folder) writes it; check(folder) raises where its vectors are
    not those that are known.
    """

    name: str
    source: Path
    num_bytes: int
    version: int
    build: Callable[[Path, Path], None]
    check: Callable[[Path], None]


def unpacked(how: Unpacking, *, cache: Path | None = None) -> Path:
    """Return the folder of an unpacked model; made first where it is missing or damaged.

    ProjectError where the disk is full, the cache cannot be written, or what came out gives other vectors than known.
    """
    models = (cache or default_cache_folder()) / "models"
    target = models / f"{how.name}-{_digest(how)}"
    if is_whole(target):
        return target
    with _disk_errors(models), _alone(models, target.name):
        if not is_whole(target):
            _make(how, models, target)
    return target


def is_whole(folder: Path) -> bool:
    """Tell whether every file is there as it was written."""
    try:
        listed: Mapping[str, str] = json.loads((folder / LIST).read_text("utf-8"))
        return bool(listed) and all(digest_of(folder / name) == digest for name, digest in listed.items())
    except (OSError, ValueError, AttributeError):
        return False


def _make(how: Unpacking, models: Path, target: Path) -> None:
    free = shutil.disk_usage(models).free
    if free < how.num_bytes * 1.1:
        raise _full(models, f"{free / 2**20:,.0f} MiB are free, and '{how.name}' takes {how.num_bytes / 2**20:,.0f}")
    for left in models.glob(f".{target.name}-*"):  # of a process that was killed: the lock is ours
        shutil.rmtree(left, ignore_errors=True)
    beside = Path(tempfile.mkdtemp(dir=models, prefix=f".{target.name}-"))
    try:
        how.build(how.source, beside)
        how.check(beside)
        _seal(beside)
        if target.exists():
            shutil.rmtree(target)
        os.replace(beside, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _seal(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        with path.open("rb") as file:
            os.fsync(file.fileno())
    listed = {path.relative_to(folder).as_posix(): digest_of(path) for path in files}
    (folder / LIST).write_text(json.dumps(listed, indent=1) + "\n", "utf-8")


def _digest(how: Unpacking) -> str:
    return hashlib.sha256(f"{digest_of(how.source)} {how.version}".encode()).hexdigest()[:12]


@contextmanager
def _alone(models: Path, name: str) -> Iterator[None]:
    from filelock import FileLock, Timeout

    models.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(models / f"{name}.lock", timeout=PATIENCE_SECONDS):
            yield
    except Timeout:
        raise ProjectError(
            f"Another process has been unpacking '{name}' for {PATIENCE_SECONDS / 60:.0f} minutes.",
            f"Stop it, or set MOTET_CACHE to another folder than {models.parent}.",
        ) from None


@contextmanager
def _disk_errors(models: Path) -> Iterator[None]:
    try:
        yield
    except MotetError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(models, "the disk is full") from error
        raise ProjectError(
            f"A language model cannot be unpacked into {models} ({error.strerror or error}).",
            "Set MOTET_CACHE to a folder that can be written.",
        ) from error


def _full(models: Path, why: str) -> ProjectError:
    return ProjectError(
        f"There is no room for a language model in {models}: {why}.",
        "Free some space, or set MOTET_CACHE to a folder on another disk.",
    )
