"""Kinds of task: tables in, labelled examples out."""

from motet.tasks._protocol import TASK_KINDS, Examples, Output, Source, TaskKind

__all__ = ["TASK_KINDS", "Examples", "Output", "Source", "TaskKind"]
