"""What has arrived since a model was packed: new rows read and checked, bad ones aside, joined with the model's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from motet.artifact import Folder, open_folder
from motet.data import ROW, TIME, write_quarantine
from motet.errors import RequestError
from motet.model.parts import check_weights
from motet.schema import EVENTS, Project
from motet.stages.grown import Grown, continued, project_of, read_grown
from motet.stages.setting_aside import beside, refused_rows_to
from motet.stages.sources import Source, file_source, store_source

if TYPE_CHECKING:
    from motet.store import Store

LEARN, VALIDATE = 0.8, 0.9
"""Under a split by time: the new events up to this share are learned from, and up to that one validate."""


@dataclass(frozen=True)
class New:
    """What is new. files: by table, a file of rows. store: the address of a store whose log goes on."""

    files: Mapping[str, str | Path]
    store: str | None = None


@dataclass(frozen=True)
class Arrived:
    """A model folder and its grown rows.

    project: of the folder, its split moved on to the new events. declared: as the folder has it. aside: the file of
    the new rows that could not be read, or None.
    """

    folder: Folder
    project: Project
    declared: Project
    grown: Grown
    aside: Path | None

    @property
    def anything(self) -> bool:
        """Whether any row is new."""
        return any(self.grown.rows.values())


def arrive(path: str | Path, new: New, *, out: Path | None = None, data: str | Path | None = None) -> Arrived:
    """Return a model's rows with what is new.

    out: beside it, bad rows are written with their reasons. Raises RequestError where nothing new is named, DataError
    (BadRowsError) for rows that cannot be read at all or are bad too often, StoreError for a store.
    """
    if bool(new.files) == (new.store is not None):
        raise RequestError("Expected new rows in files or in a store, one of them.", "Give --events or --store.")
    folder = open_folder(path)
    check_weights(folder)
    project = project_of(folder, data=data)
    with _store(new.store) as store:
        known = [Source(**fields) for fields in continued(folder).get("sources", ())]
        sources = [file_source(project, table, file) for table, file in new.files.items()]
        if store is not None and new.store is not None:
            sources = [store_source(store, new.store, known)]
        if out is None:
            grown = read_grown(folder, project, sources, store=store)
        else:
            with refused_rows_to(beside(out)):
                grown = read_grown(folder, project, sources, store=store)
    aside = None
    if out is not None and grown.aside.height:
        aside = beside(out)
        write_quarantine(grown.aside, aside)
    return Arrived(folder, moved_on(project, grown), project, grown, aside)


def moved_on(project: Project, grown: Grown) -> Project:
    """Return the project with a split by time within the new events, where it splits by time."""
    table = grown.tables.tables.get(EVENTS)
    if table is None or project.resolved_split() != "time" or TIME not in table.frame.columns:
        return project
    times = table.frame.filter(table.frame[ROW] >= grown.first[EVENTS])[TIME].drop_nulls().sort().to_numpy()
    if len(np.unique(times)) < 3:
        return project
    valid, test = (int(times[int(share * len(times))]) for share in (LEARN, VALIDATE))
    moments = np.unique(times)
    if valid == moments[0]:
        valid = int(moments[1])
    if test <= valid:
        later = moments[moments > valid]
        if not len(later):
            return project
        test = int(later[0])
    split = project.split.model_copy(update={"kind": "time", "cut": (valid, test), "fractions": None})
    return project.model_copy(update={"split": split})


@contextmanager
def _store(where: str | None) -> Iterator[Store | None]:
    if where is None:
        yield None
        return
    from motet.store import open_store

    with open_store(where) as store:
        yield store


def remembered(
    arrived: Arrived, certified: Mapping[str, float], *, fitted: bool, more: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the next folder remembers. certified: by task, what was certified first. fitted: on these rows."""
    before = continued(arrived.folder)
    sources: Sequence[Source] = arrived.grown.sources
    return {
        "from": arrived.folder.path.name,
        "updates": int(before.get("updates", 0)) + 1,
        "fitted": fitted,
        "split": before.get("split") or arrived.declared.split.model_dump(mode="json", exclude_none=True),
        "sources": [source.to_json() for source in sources],
        "rows": dict(arrived.grown.rows),
        "forgotten": arrived.grown.forgotten,
        "certified": dict(certified),
        **more,
    }
