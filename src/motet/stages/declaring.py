"""New tasks for an old model, declared in a file of their own, and whether the old model has read their labels."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from motet.errors import LeakageError, ProjectError
from motet.features.state import FeatureState
from motet.features.views import PLAIN
from motet.schema import EVENTS, ITEMS, USERS, Project, Relation, TaskBase
from motet.stages.texts import DESCRIBING

SECTIONS = {"tables", "tasks"}
TRAIN_ANEW = "Put it into the project file and train anew: motet certify"


def with_tasks(project: Project, file: str | Path) -> tuple[Project, list[str]]:
    """Return the project with the tables, columns and tasks of a file, and the names of the new tasks.

    A file holds `[tables.…]` (new tables, or new columns of old ones) and `[tasks.…]`, as a project file does. Raises
    ProjectError for anything else, and for a task that is there already.
    """
    path = Path(file)
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = error.strerror or error
        raise ProjectError(f"The task file '{path}' cannot be read: {reason}.", "Check its path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectError(f"'{path}' is not valid TOML: {error}.", "Mend that line.") from None
    foreign = sorted(set(told) - SECTIONS)
    if foreign or not told.get("tasks"):
        found = f"[{foreign[0]}]" if foreign else "no [tasks.…]"
        raise ProjectError(
            f"'{path}' holds {found}; expected [tasks.…], and [tables.…] if need be.", "Leave only these."
        )
    content = tomllib.loads(project.to_toml())
    for name, table in told.get("tables", {}).items():
        content["tables"][name] = _joined(name, content["tables"].get(name), table)
    for name, task in told["tasks"].items():
        if name in content["tasks"]:
            raise ProjectError(f"The model has a task '{name}' already.", "Give the new one another name.")
        content["tasks"][name] = task
    return Project(**content, root=project.root), list(told["tasks"])


def _joined(name: str, known: Mapping[str, Any] | None, told: Mapping[str, Any]) -> dict[str, Any]:
    if known is None:
        return dict(told)
    other = sorted(key for key in told if key != "columns" and told[key] != known.get(key))
    if other:
        raise ProjectError(f"[tables.{name}] of the model says another '{other[0]}'.", "Declare its new columns only.")
    again = sorted(set(told.get("columns", {})) & set(known.get("columns", {})))
    if again:
        raise ProjectError(f"[tables.{name}.columns] has '{again[0]}' already.", "Declare its new columns only.")
    return {**known, "columns": {**known.get("columns", {}), **told.get("columns", {})}}


def check_unread(before: Project, state: FeatureState, task: TaskBase) -> None:
    """Raise LeakageError where the old model has read a new task's labels as an input: its trunk knows the answers.

    What somebody did may be an input of later questions, so columns of events are free where histories end in time.
    """
    joined = [name for name, graph in before.graph.items() if graph.table == task.table]
    if isinstance(task, Relation) and joined:
        raise LeakageError(
            f"Task '{task.name}': graph '{joined[0]}' was made of all pairs of '{task.table}', held-out ones as well.",
            TRAIN_ANEW,
        )
    column = getattr(task, "column", None)
    if column is None or "." in str(column) or task.table not in before.tables:
        return
    spec = before.tables[task.table]
    read = {name for view in state.views.values() if view.table == task.table for name in (*view.text, *view.columns)}
    if task.table == ITEMS:
        read |= set(spec.of(*DESCRIBING)) | set(state.items.columns if state.items else ())
    if task.table == USERS and state.users is not None:
        read |= set(state.users.columns)
    if task.table == EVENTS and before.resolved_split() == "random":
        read |= set(spec.of(*PLAIN, "text"))
    if column in read:
        raise LeakageError(
            f"Task '{task.name}': the model has read '{column}' as an input, so its trunk knows held-out answers.",
            TRAIN_ANEW,
        )


def check_columns(before: Project, after: Project) -> None:
    """Raise ProjectError for new columns that would change what items or events are to the old model."""
    for table, meanings in ((ITEMS, DESCRIBING), (EVENTS, ("text",))):
        if table in before.tables:
            new = [name for name in after.tables[table].of(*meanings) if name not in before.tables[table].columns]
            if new:
                raise ProjectError(
                    f"'{new[0]}' would be read as a part of every row of '{table}', which the model learned without.",
                    f"Put it into a table of its own. {TRAIN_ANEW}",
                )


def check_same_views(old: FeatureState, new: FeatureState) -> None:
    """Raise ProjectError where new columns would change what an old task is shown."""
    for task, view in old.views.items():
        if new.views.get(task) != view:
            raise ProjectError(
                f"The new columns would change what task '{task}' reads.",
                f"Put them into a table of their own. {TRAIN_ANEW}",
            )
