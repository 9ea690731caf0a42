"""Tables and their columns, as declared in a project file."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from motet.schema._base import Strict
from motet.schema.meanings import Meaning

EVENTS, ITEMS, USERS = "events", "items", "users"


class Column(Strict):
    """One declared column: what it means and, for tags in a string, what separates them."""

    meaning: Meaning
    separator: str = Field(default="|", min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:
        return {"meaning": value} if isinstance(value, str) else value


class TableSpec(Strict):
    """Where a table's rows are, which columns are its keys, and what its other columns mean.

    path: csv, tsv, parquet or jsonl, each also gzipped, or a glob of them. url and query: a database instead.
    frame: rows that are already in memory (the Python interface); never written to a file.
    dedupe: remove rows that are equal in every declared column. By default this is done where a row has an id, or
    a user and a time, and the removed rows are counted; other tables keep equal rows unless they say `dedupe = true`.
    """

    path: str | None = Field(default=None, min_length=1)
    url: str | None = Field(default=None, min_length=1)
    query: str | None = Field(default=None, min_length=1)
    id: str | None = None
    user: str | None = None
    item: str | None = None
    other: str | None = None
    time: str | None = None
    directed: bool = False
    dedupe: bool | None = None
    columns: dict[str, Column] = Field(default_factory=dict)
    frame: Any = Field(default=None, exclude=True, repr=False)

    @field_validator("url")
    @classmethod
    def _a_url(cls, url: str | None) -> str | None:
        if url is not None and "://" not in url and not url.startswith("env:"):
            raise ValueError('a url is postgresql://…, sqlite:///file or env:NAME; for a file, write path = "…"')
        return url

    @field_validator("columns")
    @classmethod
    def _no_keys_among_columns(cls, columns: dict[str, Column]) -> dict[str, Column]:
        reserved = [name for name in columns if name.startswith("@")]
        if reserved:
            raise ValueError(f"column names may not begin with '@', found '{reserved[0]}'")
        return columns

    @model_validator(mode="after")
    def _one_source(self) -> TableSpec:
        given = [self.path is not None, self.url is not None, self.frame is not None]
        if sum(given) != 1:
            raise ValueError('expected exactly one source of rows: path = "…" or url = "…" with query = "…"')
        if (self.url is None) != (self.query is None):
            raise ValueError("url and query belong together")
        return self

    def keys(self) -> dict[str, str]:
        """Return the declared key columns: role (`id, user, item, other, time`) → column name."""
        roles = {"id": self.id, "user": self.user, "item": self.item, "other": self.other, "time": self.time}
        return {role: column for role, column in roles.items() if column is not None}

    def of(self, *meanings: str) -> list[str]:
        """Return the names of the columns with one of these meanings, in declared order."""
        return [name for name, column in self.columns.items() if column.meaning in meanings]
