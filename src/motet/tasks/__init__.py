"""Kinds of task: tables in, labelled examples out."""

from motet.tasks._protocol import TASK_KINDS, Examples, Output, Source, TaskKind
from motet.tasks.make import all_examples, examples_of
from motet.tasks.ranking import target_ranks, top_items

__all__ = [
    "TASK_KINDS",
    "Examples",
    "Output",
    "Source",
    "TaskKind",
    "all_examples",
    "examples_of",
    "target_ranks",
    "top_items",
]
