"""tags: some of many names."""

from __future__ import annotations

from motet.data import Division
from motet.schema import Tags
from motet.tasks._anchors import anchors_of
from motet.tasks._assemble import assemble
from motet.tasks._labels import as_tags, column_of
from motet.tasks._protocol import TASK_KINDS, Examples
from motet.tasks._sources import sources_of


@TASK_KINDS.register("tags")
class TagsKind:
    """The label is the row's list of tags; a row without any is unknown."""

    def examples(self, task: Tags, division: Division) -> Examples:
        """Return one example per row with at least one tag."""
        label = as_tags(task, *column_of(task, division))
        return assemble(
            task, "tags", sources=sources_of(task, division), anchors=anchors_of(task, division), label=label
        )
