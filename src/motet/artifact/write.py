"""Writing a model folder: beside, fsynced, checked, then put in place in one step."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import motet
from motet.artifact.codec import Part, encode
from motet.artifact.folder import Folder, info_of, open_folder, sha256_of
from motet.artifact.layout import MANIFEST
from motet.artifact.lock import alone
from motet.artifact.manifest import MAX_MANIFEST_BYTES, EncoderInfo, Manifest, PartInfo
from motet.artifact.place import beside, clear_stale, put, sync_folder
from motet.errors import ArtifactError

Parts = Mapping[str, Part]
Change = Callable[[Folder], Parts]
"""Makes the parts that change of a folder as it is."""


def write_folder(
    target: str | Path,
    parts: Mapping[str, Part],
    *,
    name: str,
    seed: int,
    runtime: str,
    data_root: str | None = None,
    encoder: EncoderInfo | None = None,
    tasks: Mapping[str, str] | None = None,
    refit: bool = False,
) -> Folder:
    """Write `parts` as a model folder at `target`, and return it opened.

    parts: name → bytes, text, frame, mapping of NumPy arrays, or JSON value (see codec.encode).
    tasks: name → kind. refit: see `Manifest`.
    A model folder that stands at `target` is replaced: a reader finds the old one or the new one, whole. Raises
    ArtifactError where something else stands there, or where writing fails; then nothing has changed.
    """
    manifest = Manifest(
        motet=motet.__version__,
        name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seed=seed,
        runtime=runtime,
        data_root=data_root,
        encoder=encoder,
        tasks=dict(tasks or {}),
        refit=refit,
    )
    target = check_target(target)

    def fill(stage: Path) -> Manifest:
        infos = dict(_write_part(stage, name, part) for name, part in parts.items())
        return manifest.model_copy(update={"parts": infos})

    return _staged(target, fill, alone(target))


def update_folder(path: str | Path, change: Parts | Change, *, remove: Iterable[str] = ()) -> Folder:
    """Replace or add single parts of a model folder, take away those in `remove`, and return it opened.

    change: the parts, or what makes them of the folder as it is by then; where that gives none, nothing is written.
    Reading, changing and writing are one step that others who change the folder wait for (see `lock`). The rest is
    kept as it is. As with `write_folder`, a reader finds the old folder or the new one, whole. Raises ArtifactError
    where the folder cannot be read or written; then nothing has changed.
    """
    target = Path(os.path.realpath(path))
    if not target.is_dir():
        return open_folder(target)  # which says what is missing
    with alone(target):
        folder = open_folder(target)
        parts = change(folder) if callable(change) else change
        return _changed(folder, parts, set(remove)) if parts or remove else folder


def _changed(folder: Folder, parts: Parts, remove: set[str]) -> Folder:
    """Write a folder anew with other parts; its lock is held."""
    encoded = dict(encode(name, part) for name, part in parts.items())
    kept = [name for name in folder.names() if name not in encoded and name not in remove]

    def fill(stage: Path) -> Manifest:
        infos = {name: _keep_part(stage, folder, name) for name in kept}
        infos |= dict(_write_part(stage, name, data) for name, data in encoded.items())
        return folder.manifest.model_copy(update={"parts": {name: infos[name] for name in sorted(infos)}})

    return _staged(check_target(folder.path), fill, nullcontext())


def check_target(target: str | Path) -> Path:
    """Return the real path of `target` if a model folder may be written there; raises ArtifactError otherwise.

    It may be new, empty, or a model folder without files of other origin. Ask before a long run, not after it.
    """
    target = Path(os.path.realpath(target))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or (target.is_dir() and not any(target.iterdir())):
            return target
    except OSError as error:
        raise _failed(target, error) from None
    choose = "Choose another folder, or move it away."
    if not target.is_dir():
        raise ArtifactError(f"'{target}' is a file, not a folder.", choose)
    declared = _declared(target)
    if declared is None:
        raise ArtifactError(f"'{target}' is not empty and not a model folder.", choose)
    present = {file.relative_to(target).as_posix() for file in target.rglob("*") if not file.is_dir()}
    foreign = [name for name in present if not any(step.startswith(".") for step in name.split("/"))]
    for name in sorted(set(foreign) - declared):
        raise ArtifactError(f"'{target}' holds '{name}', which is not part of the model.", "Move that file away.")
    return target


def _declared(target: Path) -> set[str] | None:
    """The files that belong to the model folder at `target`, or None if there is no model folder."""
    try:
        with open(target / MANIFEST, "rb") as stream:
            return {MANIFEST, *Manifest.from_bytes(stream.read(MAX_MANIFEST_BYTES)).parts}
    except (OSError, ArtifactError):
        return None


def _staged(target: Path, fill: Callable[[Path], Manifest], lock: AbstractContextManager[None]) -> Folder:
    """Fill a folder beside `target`, check it, put it in place under a lock, and remove what stood there."""
    stage = beside(target, "tmp")
    try:
        clear_stale(target)
        stage.mkdir()
        manifest = fill(stage)
        _write_file(stage / MANIFEST, manifest.to_bytes())
        _sync_tree(stage)
        open_folder(stage)
        with lock:  # a change of the older folder that is under way would take the place of this one
            old = put(stage, target)
    except OSError as error:
        shutil.rmtree(stage, ignore_errors=True)
        raise _failed(target, error) from error
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        raise
    if old is not None:
        _remove(old)
    return Folder(target, manifest)


def _write_part(stage: Path, name: str, part: Part) -> tuple[str, PartInfo]:
    name, data = encode(name, part)
    _write_file(stage / name, data)
    return name, info_of(data)


def _write_file(file: Path, data: bytes) -> None:
    """Write a new file and make its content durable."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    if sha256_of(file) != hashlib.sha256(data).hexdigest():
        raise OSError(errno.EIO, "what was written is not what can be read back")


def _keep_part(stage: Path, folder: Folder, name: str) -> PartInfo:
    """Bring an unchanged part along: as a second name of the same file, or as a copy where that is not possible."""
    (stage / name).parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(folder.path / name, stage / name)
    except OSError:
        _write_file(stage / name, folder.data(name))
    return folder.manifest.parts[name]


def _sync_tree(stage: Path) -> None:
    for folder, _, _ in os.walk(stage):
        sync_folder(Path(folder))


def _remove(old: Path) -> None:
    try:
        shutil.rmtree(old)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ArtifactError(
            f"The new model folder is in place, but the former one could not be removed from '{old}': {reason}.",
            "Remove it by hand.",
        ) from error


def _failed(target: Path, error: OSError) -> ArtifactError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    remedy = "Free some space and try again." if full else "Check the disk and its permissions."
    return ArtifactError(f"'{target}' was not written: {error.strerror or error}.", remedy)
