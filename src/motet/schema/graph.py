"""Graphs of users or items, as vectors that the model reads."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from motet.registry import nearest
from motet.schema._base import Strict
from motet.schema.tables import TableSpec


class GraphConfig(Strict):
    """A vector for each user or item, from who is connected with whom in one table.

    table: a relation between users gives users' vectors; rows of users and items give items' vectors, of which users
    had them in common. width: numbers of a vector. at_least: users or items with fewer connections have none.
    """

    table: str
    width: int = Field(default=32, ge=2, le=512)
    at_least: int = Field(default=1, ge=1)


def check_graphs(graphs: Mapping[str, GraphConfig], tables: Mapping[str, TableSpec]) -> None:
    """Raise ValueError where a graph is made of a table that is not declared."""
    for name, graph in graphs.items():
        if graph.table not in tables:
            hint = nearest(graph.table, list(tables))
            raise ValueError(f"graph '{name}' is made of '{graph.table}'; declared tables: {', '.join(tables)}.{hint}")
