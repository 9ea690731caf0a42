"""Give rankings their memory: fitted once, asked by every view with a ranking that wants one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from motet.data import Division
from motet.features.memory import Memory
from motet.features.questions import Questions
from motet.features.recalling import fit_memory


def with_memory(questions: Mapping[str, Questions], division: Division) -> tuple[dict[str, Questions], Memory | None]:
    """Return the questions, by view, those of rankings able to ask the memory; and the memory, None where none does."""
    asking = {name for name, each in questions.items() if any(_remembers(division, task) for task in each.tasks)}
    if not asking or division.events is None:
        return dict(questions), None
    recalling = fit_memory(division)
    found = {name: replace(each, recalling=recalling) if name in asking else each for name, each in questions.items()}
    return found, recalling.memory


def _remembers(division: Division, task: str) -> bool:
    return getattr(division.project.tasks[task], "memory", "off") != "off"
