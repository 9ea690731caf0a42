"""Write a small table and read it back as the events of a project."""

from pathlib import Path
from typing import Any

import polars as pl

from motet.data import Table, read_tables
from motet.schema import Project, TableSpec

GOOD = "".join(f"u{n},i{n},{n}\n" for n in range(20))


def read_table(folder: Path, spec: dict[str, Any] | TableSpec, name: str = "events") -> tuple[Table, pl.DataFrame]:
    """Return the checked table and the quarantine."""
    tables = read_tables(
        Project(tables={name: spec}, tasks={"x": {"kind": "class", "table": name, "column": "x"}}, root=folder)
    )
    return tables[name], tables.quarantine


def read_text(folder: Path, text: str | bytes, file: str = "events.csv", **spec: Any) -> tuple[Table, pl.DataFrame]:
    """Write a file of users, items and a number r, and read it."""
    (folder / file).write_bytes(text.encode() if isinstance(text, str) else text)
    return read_table(folder, {"path": file, "user": "user", "item": "item", "columns": {"r": "number"}, **spec})


def kept_aside(quarantine: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Return file, row, column and reason of each row kept aside."""
    return quarantine.select("file", "row", "column", "reason").rows()
