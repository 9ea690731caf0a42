"""number: a quantity of the row, or of a user's coming window of time."""

from __future__ import annotations

from motet.data import Division
from motet.schema import Number
from motet.tasks._anchors import anchors_of
from motet.tasks._assemble import assemble
from motet.tasks._labels import as_numbers, column_of
from motet.tasks._protocol import TASK_KINDS, Examples
from motet.tasks._sources import sources_of
from motet.tasks._windows import window_examples


@TASK_KINDS.register("number")
class NumberKind:
    """Without a window the label is the column; with one it is an aggregate over the user's next events."""

    def examples(self, task: Number, division: Division) -> Examples:
        """Return one example per row, or per user and moment."""
        if task.window is not None:
            return window_examples(task, division)
        label = as_numbers(task, *column_of(task, division))
        return assemble(
            task, "number", sources=sources_of(task, division), anchors=anchors_of(task, division), label=label
        )
