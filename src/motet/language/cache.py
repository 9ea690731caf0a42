"""Vectors that were computed once are kept, so that a second run costs nothing and an interrupted one resumes.

    FOLDER/vectors/<digest of the encoder id>/<digest of the shard>.safetensors

A shard holds keys (sha256 of encoder id and text) and their vectors. It is written beside and renamed, never changed;
its name is the digest of its content, so that a damaged one is recognised, ignored and computed again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motet.language.encoders import Encoder, Progress
from motet.language.place import default_cache_folder

CHUNK = 2_048
"""Texts in a shard: what an interruption can cost."""

_KEY_BYTES = 32


class VectorCache:
    """The kept vectors of one encoder."""

    def __init__(self, folder: Path, *, encoder_id: str, width: int) -> None:
        self.encoder_id = encoder_id
        self.width = width
        self.folder = folder / "vectors" / hashlib.sha256(encoder_id.encode()).hexdigest()[:32]

    def key(self, text: str) -> bytes:
        """Return the 32 bytes under which a text's vector is kept."""
        return hashlib.sha256(f"{self.encoder_id}\0{text}".encode("utf-8", "surrogatepass")).digest()

    def fill(self, vectors: NDArray[np.float32], keys: Sequence[bytes]) -> NDArray[np.bool_]:
        """Write what is known of `keys` into the rows of `vectors`; return which rows that were."""
        row_of = {key: row for row, key in enumerate(keys)}
        known = np.zeros(len(keys), bool)
        for shard_keys, shard_vectors in self._shards():
            hits = [(row_of[key], at) for at, key in enumerate(shard_keys) if key in row_of]
            if hits:
                rows, places = np.asarray(hits, np.int64).T
                vectors[rows] = shard_vectors[places]
                known[rows] = True
        return known

    def add(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keep vectors under their keys, in a shard of its own. OSError where the folder cannot be written."""
        from safetensors.numpy import save

        packed = np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), _KEY_BYTES)
        content = save({"keys": packed, "vectors": np.ascontiguousarray(vectors, np.float32)})
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / f"{hashlib.sha256(content).hexdigest()}.safetensors"
        handle, beside = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(beside, target)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise

    def _shards(self) -> Iterator[tuple[list[bytes], NDArray[np.float32]]]:
        from safetensors.numpy import load

        for path in sorted(self.folder.glob("*.safetensors")):
            try:
                content = path.read_bytes()
            except OSError:
                continue
            if hashlib.sha256(content).hexdigest() != path.stem:
                continue
            arrays = load(content)
            if arrays["vectors"].shape[1] == self.width:
                yield [bytes(key) for key in arrays["keys"]], arrays["vectors"]


def encode_cached(
    encoder: Encoder,
    texts: Sequence[str],
    cache_dir: Path | None = None,
    *,
    on_progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Return one vector per text, (n, width); each distinct text is encoded at most once, ever.

    cache_dir: by default the user's cache folder. An encoder that is fitted on a project's own texts is not cached.
    on_progress: called with (distinct texts done, distinct texts in all); those found in the cache count at once.
    """
    row_of = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    unique = list(row_of)
    if encoder.pretrained:
        vectors = _through_cache(encoder, unique, cache_dir or default_cache_folder(), on_progress)
    else:
        vectors = encoder.encode(unique, on_progress=on_progress)
    return vectors[np.fromiter((row_of[text] for text in texts), np.int64, len(texts))]


def _through_cache(
    encoder: Encoder, unique: list[str], folder: Path, on_progress: Progress | None
) -> NDArray[np.float32]:
    cache = VectorCache(folder, encoder_id=encoder.id, width=encoder.width)
    keys = [cache.key(text) for text in unique]
    vectors = np.zeros((len(unique), encoder.width), np.float32)
    missing = np.flatnonzero(~cache.fill(vectors, keys))
    done = len(unique) - len(missing)
    if on_progress and done:
        on_progress(done, len(unique))
    writable = True
    for rows in _chunks(missing):
        progress = _shifted(on_progress, done, len(unique))
        vectors[rows] = encoder.encode([unique[row] for row in rows], on_progress=progress)
        done += len(rows)
        writable = writable and _keep(cache, [keys[row] for row in rows], vectors[rows])
        if on_progress:
            on_progress(done, len(unique))
    return vectors


def _keep(cache: VectorCache, keys: list[bytes], vectors: NDArray[np.float32]) -> bool:
    """Add to the cache; say once, and go on without it, where that fails."""
    try:
        cache.add(keys, vectors)
    except OSError as error:
        warnings.warn(
            f"Text vectors are not kept: {cache.folder} cannot be written ({error.strerror}). "
            "Set MOTET_CACHE to a folder that can.",
            RuntimeWarning,
            stacklevel=4,
        )
        return False
    return True


def _chunks(rows: NDArray[np.int64]) -> Iterable[NDArray[np.int64]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


def _shifted(on_progress: Progress | None, offset: int, total: int) -> Progress | None:
    if on_progress is None:
        return None
    return lambda done, _: on_progress(offset + done, total)
