"""Where a table's files are, and what they are by their content: a name may lie, the first bytes do not."""

from __future__ import annotations

import glob
import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from motet.errors import DataError
from motet.registry import nearest

Format = Literal["delimited", "json lines", "parquet"]

_FORMATS: dict[str, Format] = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".txt": "delimited",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "json lines",
    ".ndjson": "json lines",
    ".json": "json lines",
}
_KNOWN = "csv, tsv, parquet, jsonl (each also .gz)"


@dataclass(frozen=True)
class Content:
    """A file's bytes, unpacked. path is kept where polars may read the plain file itself."""

    name: str
    data: NDArray[np.uint8]
    path: Path | None

    @property
    def source(self) -> Path | bytes:
        """What to hand to a reader: the path where the file is plain, the unpacked bytes where it is not."""
        return self.path if self.path is not None else self.data.tobytes()


def resolve(path: str, root: Path) -> list[Path]:
    """Return the files that a path or a glob names, sorted; relative paths start at `root`."""
    full = Path(path) if Path(path).is_absolute() else root / path
    if full.is_file():
        return [full]
    if full.is_dir():
        raise DataError(f"'{path}' is a folder; expected a file.", f"Name its files, for instance '{path}/*.csv'.")
    if any(mark in path for mark in "*?["):
        found = sorted(Path(name) for name in glob.glob(str(full), recursive=True) if Path(name).is_file())
        if not found:
            raise DataError(f"No file matches '{path}' in {full.parent}.", "Check the pattern, or pass --data DIR.")
        return found
    folder = full.parent
    beside = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    hint = nearest(full.name, beside).strip() or "Check the path, or pass --data DIR."
    raise DataError(f"There is no file '{full}'.", hint)


def format_of(path: Path) -> Format:
    """Return the format that a file's first bytes and name speak for."""
    if _head(path, 4) == b"PAR1":
        return "parquet"
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    known = _FORMATS.get(suffixes[-1] if suffixes else "")
    if known is None:
        raise DataError(f"'{path.name}' is of no known format; known: {_KNOWN}.", "Convert the file, or rename it.")
    return known


def load(path: Path) -> Content:
    """Return the bytes of a file, unpacked where it is gzipped."""
    try:
        if _head(path, 2) == b"\x1f\x8b":
            with gzip.open(path) as stream:
                return Content(path.name, np.frombuffer(stream.read(), np.uint8), None)
        if path.stat().st_size == 0:
            return Content(path.name, np.empty(0, np.uint8), None)
        return Content(path.name, np.memmap(path, np.uint8, mode="r"), path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"'{path}' is a damaged gzip file: {error}.", "Fetch or pack it again.") from None
    except OSError as error:
        raise DataError(f"'{path}' cannot be read: {error.strerror or error}.", "Check its permissions.") from None


class MissingColumnError(DataError):
    """A file lacks a declared column."""

    def __init__(self, message: str, remedy: str, column: str) -> None:
        super().__init__(message, remedy)
        self.column = column


def missing_column(column: str, where: str, found: list[str]) -> MissingColumnError:
    """Return the error for a declared column that is not there."""
    shown = _shortened(", ".join(_shortened(name, 40) for name in found[:20]) + (", …" if len(found) > 20 else ""), 300)
    hint = nearest(column, found).strip() or "Check the spelling, or remove it from the table."
    if any("\ufffd" in name or "\0" in name for name in found):
        hint = "It looks like no text file: check its format, or export it as UTF-8."
        shown = _shortened(shown, 60)
    return MissingColumnError(f"{where} has no column '{column}'; it holds: {shown or 'nothing'}.", hint, column)


def _shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters, with a question mark for what cannot be shown."""
    shown = "".join(sign if sign.isprintable() and sign != "\ufffd" else "?" for sign in text[: most + 1])
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _head(path: Path, count: int) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(count)
    except OSError as error:
        raise DataError(f"'{path}' cannot be read: {error.strerror or error}.", "Check its permissions.") from None
