"""What [sharing] says about tasks must be about tasks that there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from motet.errors import ProjectError
from motet.registry import nearest
from motet.schema.settings import SharingConfig
from motet.schema.tasks import Binary, TaskBase

BLOCKS = ("history", "item", "text", "row", "fusion")
"""The trunk's blocks, by what they read; fusion joins what a view shows."""


def valve_of(key: str, tasks: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """Return the task and the blocks of a key of `sharing.valves`: `task` (all blocks) or `task.block`."""
    task, _, block = key.rpartition(".")
    return (task, (block,)) if key not in tasks and block in BLOCKS else (key, BLOCKS)


def check_sharing(sharing: SharingConfig, tasks: Mapping[str, TaskBase]) -> None:
    """Raise ProjectError where `chain` or `valves` name what is no task, or a chain cannot be one."""
    valved = [valve_of(key, tasks)[0] for key in sharing.valves]
    for key, named in (("chain", sharing.chain), ("valves", valved)):
        for name in named:
            if name not in tasks:
                hint = nearest(name, list(tasks)).strip()
                raise ProjectError(
                    f"sharing.{key} names '{name}', which is no task; tasks: {', '.join(tasks)}.",
                    hint or "Declare it, or leave it out.",
                )
    twice = [name for name, count in Counter(sharing.chain).items() if count > 1]
    if twice:
        raise ProjectError(f"sharing.chain names '{twice[0]}' twice.", "Name each task once.")
    if sharing.chain or sharing.kind == "esmm":
        _check_chain(sharing.chain, tasks)


def _check_chain(chain: tuple[str, ...], tasks: Mapping[str, TaskBase]) -> None:
    if len(chain) < 2:
        raise ProjectError(
            f"sharing.chain needs at least two tasks, found {', '.join(chain) or 'none'}.",
            'For instance: chain = ["view", "cart", "buy"]',
        )
    first = tasks[chain[0]]
    for name in chain:
        task = tasks[name]
        if not isinstance(task, Binary):
            raise ProjectError(
                f"sharing.chain names '{name}', which is no yes-or-no task.", "Name tasks of kind binary only."
            )
        if task.table != first.table:
            raise ProjectError(
                f"sharing.chain joins '{chain[0]}' over {first.table} and '{name}' over {task.table}.",
                "The tasks of a chain look at the same rows: give them the same table.",
            )
