"""Which columns a task's view may show: the rule that keeps labels out of inputs, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from motet.schema import EVENTS, ITEMS, USERS, Project, TaskBase
from motet.tasks import Examples, Source

PLAIN = ("category", "behaviour", "flag", "number", "tags")
SEEN = (*PLAIN, "vector")
"""Meanings that a model reads as columns; lists are not filtered by vectors."""


@dataclass(frozen=True)
class View:
    """The rows that tasks look through: a table, what is shown, and through which columns.

    text, columns: the text columns and the plain columns of the asked row that may be seen.
    at_moment: whether the questions are about a moment, not a row, and know how long ago the last event was.
    """

    table: str
    sources: tuple[Source, ...]
    text: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    at_moment: bool = False

    @property
    def name(self) -> str:
        """A readable, unique name, fit for a file or a module."""
        shown = "+".join(self.sources)
        extra = (
            ",".join((*self.text, *self.columns)) if self.table not in (EVENTS, ITEMS, USERS) or self.columns else ""
        )
        name = f"{self.table}[{shown}]({extra})" if extra else f"{self.table}[{shown}]"
        return f"{name} at a moment" if self.at_moment else name


def view_of(project: Project, examples: Examples) -> View:
    """Return the view of a task's examples."""
    task = project.tasks[examples.task]
    text = text_columns(project, task) if "text" in examples.sources else ()
    columns = row_columns(project, task) if "row" in examples.sources else ()
    at_moment = examples.now_n is not None and len(examples) > 0 and bool((examples.row_n < 0).all())
    return View(examples.table, examples.sources, text, columns, at_moment)


def text_columns(project: Project, task: TaskBase) -> tuple[str, ...]:
    """Return the text columns that a task reads: those it names, else all of its table but labels."""
    if task.text is not None:
        return task.text
    labels = project.label_columns(task.table)
    return tuple(name for name in project.tables[task.table].of("text") if name not in labels)


def row_columns(project: Project, task: TaskBase) -> tuple[str, ...]:
    """Return the plain columns of the asked row that a task may see.

    Those listed in `inputs` and, beside texts, the table's vectors; where the table has no text and nothing is listed,
    every declared plain column that is no task's label.
    """
    spec = project.tables[task.table]
    keys = set(spec.keys().values())
    listed = tuple(name for name in task.inputs if name in spec.columns and name not in keys)
    if spec.of("text") and task.table not in (EVENTS, ITEMS, USERS):
        return (*listed, *(name for name in spec.of("vector") if name not in listed))
    if listed or spec.of("text"):
        return listed
    labels = project.label_columns(task.table)
    return tuple(name for name in spec.of(*SEEN) if name not in labels)


def views_of(project: Project, examples: Mapping[str, Examples]) -> dict[str, View]:
    """Return each task's view by task name; tasks of one view share a forward pass."""
    return {name: view_of(project, each) for name, each in examples.items()}


def hidden_columns(views: Mapping[str, View], examples: Mapping[str, Examples]) -> dict[str, tuple[str, ...]]:
    """Return, by view name, the columns that some questions do not show.

    A view's arrays hold the rows of its table as they are, and then once more without each of these columns, in order.
    """
    found: dict[str, tuple[str, ...]] = {}
    for task, each in examples.items():
        name = views[task].name
        if each.hidden and each.hidden not in found.get(name, ()):
            found[name] = (*found.get(name, ()), each.hidden)
    return found
