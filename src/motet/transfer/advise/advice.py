"""The advice: groups, the main task, and what a project file should say, each with a sentence of reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from motet.transfer.advise.facts import PairFacts, TaskFacts


@dataclass(frozen=True)
class Proposal:
    """Something advised, and why in one sentence. settings: the keys of a section of the project file, if any."""

    what: str
    why: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Advice:
    """Which tasks to learn together and how; prints as a table.

    groups: tasks to learn together, each with its reason. alone: tasks better left alone, with theirs. main: the task
    that the others serve. sharing, balance: sections of the project file. tasks, pairs: what the advice rests on.
    passes, seconds: of the short joint run in which the gains were measured.
    """

    groups: Sequence[tuple[tuple[str, ...], str]]
    alone: Mapping[str, str]
    main: Proposal
    sharing: Proposal
    balance: Proposal
    tasks: Mapping[str, TaskFacts]
    pairs: Sequence[PairFacts]
    passes: float = 0.0
    seconds: float = 0.0

    @property
    def sections(self) -> dict[str, dict[str, Any]]:
        """The advised sections of a project file."""
        return {"sharing": dict(self.sharing.settings), "balance": dict(self.balance.settings)}

    def lines(self) -> str:
        """Return the advised sections as lines of a project file."""
        from motet.transfer.advise.lines import section_lines

        return section_lines(self.sections)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain JSON values; what was not measured is None."""
        from motet.transfer.advise.record import to_json

        return to_json(self)

    def __str__(self) -> str:
        from motet.transfer.advise.table import render

        return render(self)
