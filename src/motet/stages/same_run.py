"""Whether a run that goes on is the run that was begun: the same settings, the same data."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from motet.errors import DataError

NOTE = "project.json"
MOST_NAMED = 5
"""Of what changed between a run and its going on, so many are named."""


def check_same_project(work: Path, project_text: str, data: Mapping[str, str] | None = None) -> None:
    """Keep the project beside the checkpoints in `work`, so that a resumed run is the same run.

    data: digests by name (see `stages.fingerprint`), kept and compared, too. Raises DataError where settings or data
    are others than those of the run that was begun: old and new arms would be compared with one another. Nothing is
    removed then. A note that knows of no data, as older versions wrote it, speaks against none; from then on it
    knows these.
    """
    note, known = work / NOTE, dict[str, str]()
    if note.exists():
        text, known = _noted(note)
        if text != project_text:
            raise _other(work, "settings", _changed_keys(text, project_text), "Put them back as they were")
    if known and data:
        changed = [name for name in {**known, **data} if known.get(name) != data.get(name)]
        if changed:
            raise _other(work, "data", changed, "Put the data back as they were")
    work.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps({"project": project_text, "data": data or known}))


def _noted(note: Path) -> tuple[str, dict[str, str]]:
    """Return the project and the data that a note tells of; an older one is the project alone."""
    told = json.loads(note.read_text())
    return (told, {}) if isinstance(told, str) else (told["project"], told["data"])


def _other(work: Path, what: str, changed: Iterable[str], remedy: str) -> DataError:
    names = list(changed)
    listed = ", ".join(names[:MOST_NAMED]) + (" and more" if len(names) > MOST_NAMED else "")
    told = f" Changed: {listed}." if names else ""
    return DataError(
        f"The run in {work} was begun with other {what}.{told}",
        f"{remedy}, or run without --resume, which trains everything anew.",
    )


def _changed_keys(before: str, now: str) -> list[str]:
    """Return the keys whose values differ between two project files; none where a text is no project file."""
    try:
        old, new = (dict(_flat(tomllib.loads(text))) for text in (before, now))
    except tomllib.TOMLDecodeError:
        return []
    return [key for key in {**old, **new} if old.get(key) != new.get(key)]


def _flat(values: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value
