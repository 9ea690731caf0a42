"""Tasks that presume one another (view, cart, buy): none is told to be likelier than those before it.

One model may answer a chain with products (`sharing.kind = "esmm"`), which fall along it. Where several models answer
it, or another strategy, or a fusion, nothing but this keeps their probabilities in order.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.artifact import Folder, layout
from motet.recommend.port import TaskView

Floats = NDArray[np.float32]


def chain_of(folder: Folder) -> tuple[str, ...]:
    """Return the chain that a folder's project declares; () where it declares none."""
    project: Mapping[str, Any] = tomllib.loads(folder.text(layout.PROJECT))
    return tuple(project.get("sharing", {}).get("chain", ()))


def links(tasks: Mapping[str, TaskView], chain: Sequence[str], task: str) -> tuple[str, ...]:
    """Return the tasks that bound a task's probabilities, and the task itself, last; outside of a chain, it alone.

    A task that looks at something else than this one cannot be asked its questions, and bounds nothing.
    """
    before = chain[: chain.index(task)] if task in chain else ()
    return (*(name for name in before if name in tasks and _alike(tasks[name], tasks[task])), task)


def bounded(names: Sequence[str], ask: Callable[[str], Floats]) -> Floats:
    """Return the least of what the tasks answer, question by question. ask: a task → its probabilities."""
    found = ask(names[-1])
    for name in names[:-1]:
        found = np.minimum(found, ask(name))
    return found


def _alike(one: TaskView, other: TaskView) -> bool:
    """Whether two yes-or-no tasks look at the same of a question."""
    return one.output == other.output == "binary" and (one.table, one.sources, one.texts) == (
        other.table,
        other.sources,
        other.texts,
    )
