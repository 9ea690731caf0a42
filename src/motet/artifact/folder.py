"""Opening a model folder: everything is verified before anything is read, and nothing that is read can run code."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from numpy.typing import NDArray

from motet.artifact import codec
from motet.artifact.layout import MANIFEST
from motet.artifact.manifest import MAX_MANIFEST_BYTES, MAX_PARTS, Manifest, PartInfo
from motet.errors import ArtifactError

T = TypeVar("T")
TRIES = 20
"""How often a folder is read again that was put in place anew meanwhile."""
_CHUNK = 2**20
_AGAIN = "Copy the folder again, or train anew."


@dataclass(frozen=True)
class Folder:
    """A verified model folder. Parts are read by name, with or without suffix, and verified again as they are read."""

    path: Path
    manifest: Manifest
    instead: Mapping[str, bytes] = field(default_factory=dict, repr=False, kw_only=True)
    """Parts that count in place of those on the disk; see `with_parts`."""

    def with_parts(self, parts: Mapping[str, codec.Part]) -> Folder:
        """Return the folder as if these parts stood in it, too; nothing is written."""
        encoded = dict(codec.encode(name, part) for name, part in parts.items())
        infos = {name: info_of(data) for name, data in encoded.items()}
        manifest = self.manifest.model_copy(update={"parts": {**self.manifest.parts, **infos}})
        return replace(self, manifest=manifest, instead={**self.instead, **encoded})

    def names(self) -> list[str]:
        """Return the file names of all parts, sorted."""
        return sorted(self.manifest.parts)

    def has(self, name: str) -> bool:
        """Return whether there is a part of this name; the suffix of arrays, frames and JSON may be left out."""
        return any(name + suffix in self.manifest.parts for suffix in ("", codec.ARRAYS, codec.FRAME, codec.JSON))

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return a part's NumPy arrays by name."""
        name = codec.with_suffix(name, codec.ARRAYS)
        return codec.decode_arrays(name, self.data(name))

    def frame(self, name: str) -> pl.DataFrame:
        """Return a part's frame."""
        name = codec.with_suffix(name, codec.FRAME)
        return codec.decode_frame(name, self.data(name))

    def json(self, name: str) -> Any:
        """Return a part's JSON value."""
        name = codec.with_suffix(name, codec.JSON)
        return codec.decode_json(name, self.data(name))

    def text(self, name: str) -> str:
        """Return a part's text; `name` carries its suffix."""
        return codec.decode_text(name, self.data(name))

    def data(self, name: str) -> bytes:
        """Return a part's bytes, verified; `name` carries its suffix."""
        info = self.manifest.parts.get(name)
        if info is None:
            known = ", ".join(self.names())
            raise ArtifactError(f"'{self.path}' has no part '{name}'.", f"It has: {known}.")
        if name in self.instead:
            return self.instead[name]
        file = self.path / name
        try:
            data = read_whole(file, info.bytes)
        except OSError as error:
            raise _unreadable(self.path, name, error) from None
        if len(data) != info.bytes or hashlib.sha256(data).hexdigest() != info.sha256:
            raise _damaged(self.path, name, "its checksum is not the one in the manifest")
        return data

    def replaced(self) -> bool:
        """Return whether another folder was put in its place since it was opened, or none is there just now."""
        try:
            return Manifest.from_bytes(_manifest_bytes(self.path)) != self.manifest
        except ArtifactError:
            return True

    def file(self, name: str) -> Path:
        """Return the path of a part, for libraries that read files themselves; it was verified on opening."""
        if name not in self.manifest.parts:
            raise ArtifactError(f"'{self.path}' has no part '{name}'.", f"It has: {', '.join(self.names())}.")
        if name in self.instead:
            raise ArtifactError(f"The part '{name}' of '{self.path}' stands in memory only.", "Read it with data().")
        return self.path / name


def open_folder(path: str | Path) -> Folder:
    """Return the model folder at `path`, after the manifest and the size and checksum of every part were verified.

    Raises ArtifactError for what is missing, damaged, foreign or too new, for links, and for files that the manifest
    does not name (hidden ones, such as `.DS_Store`, are passed over and never read).
    """
    path = Path(os.path.realpath(path))
    for _ in range(TRIES):
        before = _identity(path)
        try:
            return _verified(path)
        except ArtifactError:
            if _identity(path) == before:  # else it was put in place anew while it was read
                raise
    return _verified(path)


def read_folder(path: str | Path, read: Callable[[Folder], T]) -> T:
    """Return what `read` makes of the model folder at `path`, from a folder that nobody replaced meanwhile.

    Raises ArtifactError where it is damaged, or is put in place anew all the time.
    """
    for _ in range(TRIES):
        folder = open_folder(path)
        try:
            return read(folder)
        except ArtifactError:
            if not folder.replaced():  # else somebody was erased from it just while it was read
                raise
    raise ArtifactError(f"'{path}' is put in place anew all the time.", "Try again when it is finished.")


def _identity(path: Path) -> tuple[int, int, int] | None:
    """Which folder lies at a path; another one after it was put in place anew."""
    try:
        found = path.stat()
        return found.st_dev, found.st_ino, found.st_mtime_ns
    except OSError:
        return None


def _verified(path: Path) -> Folder:
    manifest = Manifest.from_bytes(_manifest_bytes(path))
    found = set(_files(path)) - {MANIFEST}
    for name in sorted(found - set(manifest.parts)):
        raise ArtifactError(f"'{path}' holds '{name}', which its manifest does not name.", "Move that file away.")
    for name, info in manifest.parts.items():
        if name not in found:
            raise ArtifactError(f"'{path}' lacks its part '{name}'.", _AGAIN)
        _verify(path, name, info)
    return Folder(path, manifest)


def info_of(data: bytes) -> PartInfo:
    """Return what a manifest says of a part."""
    return PartInfo(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))


def read_whole(file: Path, expected: int) -> bytes:
    """Return a regular file's bytes, at most one more than expected; links are not followed."""
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as stream:
        return stream.read(expected + 1)


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with open(file, "rb") as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def _manifest_bytes(path: Path) -> bytes:
    if not path.is_dir():
        aside = [str(other) for other in sorted(path.parent.glob(f"{path.name}.old-*"))]
        remedy = f"An interrupted write left it at '{aside[0]}': rename it back." if aside else "Check the path."
        raise ArtifactError(f"There is no model folder '{path}'.", remedy)
    file = path / MANIFEST
    if not file.is_file() or file.is_symlink():
        raise ArtifactError(f"'{path}' is not a model folder: it has no {MANIFEST}.", "Check the path.")
    try:
        data = read_whole(file, MAX_MANIFEST_BYTES)
    except OSError as error:
        raise _unreadable(path, MANIFEST, error) from None
    if len(data) > MAX_MANIFEST_BYTES:
        raise _damaged(path, MANIFEST, f"it is larger than {MAX_MANIFEST_BYTES} bytes")
    return data


def _files(path: Path) -> Iterator[str]:
    """Yield the relative names of all files that are not hidden; a link or a device anywhere is refused."""
    seen = 0
    for folder, inner, files in os.walk(path):
        inner[:] = [name for name in inner if not name.startswith(".")]
        for name in [*inner, *files]:
            if name.startswith("."):
                continue
            seen += 1
            entry = Path(folder, name)
            relative = entry.relative_to(path).as_posix()
            mode = entry.lstat().st_mode
            if seen > 4 * MAX_PARTS:
                raise _damaged(path, relative, f"the folder has more than {4 * MAX_PARTS} entries")
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise _damaged(path, relative, "it is a link or a device, and a model folder holds plain files only")
            if stat.S_ISREG(mode):
                yield relative


def _verify(path: Path, name: str, info: PartInfo) -> None:
    file = path / name
    try:
        size = file.stat().st_size
        if size != info.bytes:
            raise _damaged(path, name, f"it has {size} bytes, and the manifest says {info.bytes}")
        if sha256_of(file) != info.sha256:
            raise _damaged(path, name, "its checksum is not the one in the manifest")
    except OSError as error:
        raise _unreadable(path, name, error) from None


def _damaged(path: Path, name: str, reason: str) -> ArtifactError:
    return ArtifactError(f"'{name}' in '{path}' is damaged: {reason}.", _AGAIN)


def _unreadable(path: Path, name: str, error: OSError) -> ArtifactError:
    reason = error.strerror or str(error)
    return ArtifactError(f"'{name}' in '{path}' cannot be read: {reason}.", "Check the disk and its permissions.")
