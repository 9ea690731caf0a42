"""Vectors of graphs as a model folder keeps them: users' among their profiles, items' in catalogue order."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.artifact import Folder, layout
from motet.data import ID, Division
from motet.features.graph import PREFIX, NodeVectors, with_columns
from motet.features.graphs import Known
from motet.features.prepare import Features
from motet.recommend.catalogue import Catalogue
from motet.recommend.state import UserStates
from motet.schema import Project


def user_columns(features: Features, users: pl.DataFrame) -> pl.DataFrame:
    """Return users, a row each in the division's order, with their vectors as columns."""
    return with_columns(users, {name: each.whole for name, each in features.graphs.items() if each.of_users})


def item_part(features: Features) -> dict[str, NDArray[Any]]:
    """Return the arrays that keep items' vectors: by graph, the vectors and which items have one."""
    found: dict[str, NDArray[Any]] = {}
    for name, each in features.graphs.items():
        if not each.of_users:
            found |= {f"{name}/vectors": each.whole.values_nw, f"{name}/known": each.whole.known_n.astype(np.uint8)}
    return found


def graphs_in(folder: Folder, project: Project, division: Division) -> Known:
    """Return the vectors that a folder keeps, over the users and items of a division; new ones have none."""
    if not project.graph or division.events is None or not folder.has(layout.HISTORIES):
        return {}
    users, catalogue = UserStates.from_folder(folder), Catalogue.from_folder(folder)
    arrays = folder.arrays(layout.ITEM_GRAPHS) if folder.has(layout.ITEM_GRAPHS) else {}
    found = {}
    for name, graph in project.graph.items():
        column = f"{PREFIX}{name}"
        if column in users.profiles.columns:
            ids, cells = users.users, users.profiles[column]
            found[name] = _placed(ids, cells, division.events.users, graph.width)
        elif f"{name}/vectors" in arrays:
            cells = NodeVectors(arrays[f"{name}/vectors"], arrays[f"{name}/known"] > 0).column(column)
            found[name] = _placed(catalogue.ids, cells, division.events.items, graph.width)
    return found


def _placed(ids: pl.Series, cells: pl.Series, wanted: pl.Series, width: int) -> NodeVectors:
    known = pl.DataFrame({ID: ids.cast(pl.String), "cell": cells})
    rows = pl.DataFrame({ID: wanted.cast(pl.String)}).join(known, on=ID, how="left", maintain_order="left")
    return NodeVectors.of_column(rows["cell"], width)


__all__ = ["graphs_in", "item_part", "user_columns"]
