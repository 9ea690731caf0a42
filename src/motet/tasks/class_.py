"""class: one of many names."""

from __future__ import annotations

from motet.data import Division
from motet.schema import ClassTask
from motet.tasks._anchors import anchors_of
from motet.tasks._assemble import assemble
from motet.tasks._labels import as_names, column_of
from motet.tasks._protocol import TASK_KINDS, Examples
from motet.tasks._sources import sources_of


@TASK_KINDS.register("class")
class ClassKind:
    """The label is the name in the column; numbers and flags are written as words (`4`, `true`)."""

    def examples(self, task: ClassTask, division: Division) -> Examples:
        """Return one example per row with a known name."""
        label = as_names(task, *column_of(task, division))
        return assemble(
            task, "class", sources=sources_of(task, division), anchors=anchors_of(task, division), label=label
        )
