"""Where the bad rows of a run go: into a file that says which they are and why, whether the run goes on or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from motet.data import BadRowsError, Tables, write_quarantine

QUARANTINE = "quarantine.parquet"


def beside(out: Path) -> Path:
    """Return where the bad rows of a run go: beside its model folder, which holds nothing that quotes rows."""
    return out.with_name(f"{out.name}.{QUARANTINE}")


def set_aside(tables: Tables, path: Path) -> Path | None:
    """Write the rows kept aside; return where, or None where every row is good (a stale file is then removed)."""
    if tables.quarantine.height:
        write_quarantine(tables.quarantine, path)
        return path
    if path.name == QUARANTINE or path.name.endswith(f".{QUARANTINE}"):
        path.unlink(missing_ok=True)
    return None


@contextmanager
def refused_rows_to(path: Path) -> Iterator[None]:
    """Write the bad rows of a table that is refused because of them, and let the error say where they are."""
    try:
        yield
    except BadRowsError as error:
        write_quarantine(error.quarantine, path)
        raise BadRowsError(
            error.message, f"{error.remedy} All bad rows, with reasons: {path}", error.quarantine
        ) from None
