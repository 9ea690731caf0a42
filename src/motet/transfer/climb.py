"""The ladder: which rung repairs which task. It looks at validation questions only.

Shared rungs come first. They make a new joint model for all tasks, which takes the old one's place when half A shows
fewer tasks harmed and none that was fine before, and half B does not object. Then every task that still seems harmed
climbs the rungs that repair it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from motet.transfer.arms import JOINT, TWIN, Arms
from motet.transfer.certificate import Tried
from motet.transfer.harm import CAUTION, seems_harmed
from motet.transfer.repair import REPAIRS, Rung

LADDER = ("valve", "read_only", "private", "interpolate", "twin")

Tell = Callable[[str, str], None]


@dataclass(frozen=True)
class Choice:
    """What ships for one task: the arm, the rung that led there (None: nothing was repaired), and all rungs tried."""

    arm: str = JOINT
    repair: str | None = None
    tried: tuple[Tried, ...] = ()


def climb(
    tasks: Iterable[str],
    arms: Arms,
    *,
    caution: float = CAUTION,
    ladder: Sequence[str] = LADDER,
    tell: Tell = lambda task, found: None,
) -> dict[str, Choice]:
    """Return what ships for every task. tell: told (task, what is tried or was found)."""
    rungs = {name: REPAIRS.get(name) for name in ladder}
    state = _State(arms, caution, list(tasks), tell)
    for name, rung in rungs.items():
        if rung.shared and state.harmed:
            _share(name, rung, state)
    own = {name: rung for name, rung in rungs.items() if not rung.shared}
    return {task: _settle(task, own, state) for task in state.tasks}


@dataclass
class _State:
    """Where the climb stands. joint: the arm of all tasks that nothing else answers. repaired: task → shared rung.

    routed: tasks whose repair half B refused.
    """

    arms: Arms
    caution: float
    tasks: list[str]
    tell: Tell
    joint: str = JOINT
    harmed: list[str] = field(default_factory=list)
    repaired: dict[str, str] = field(default_factory=dict)
    routed: set[str] = field(default_factory=set)
    tried: dict[str, list[Tried]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.harmed = [task for task in self.tasks if self.looks(task, self.joint, "valid")]

    def looks(self, task: str, arm: str, role: Literal["A", "B", "valid"]) -> bool:
        """Whether a task seems harmed under an arm."""
        return seems_harmed(self.arms.compare(task, arm, role), caution=self.caution)

    def mends(self, task: str, arm: str) -> bool:
        """Whether half A shows a repaired task better than before, and unharmed. An undefined metric shows nothing."""
        before, after = (self.arms.compare(task, each, "A").difference for each in (self.joint, arm))
        return after > before and not self.looks(task, arm, "A")

    def harms(self, task: str, arm: str) -> bool:
        """Whether half B, or all validation questions together (by which harm was found), show a task harmed."""
        return self.looks(task, arm, "B") or self.looks(task, arm, "valid")

    def note(self, task: str, rung: str, arm: str, passed: bool) -> None:
        """Write down that a rung was tried."""
        self.tried.setdefault(task, []).append(Tried(rung, self.arms.seconds(arm), passed))


def _share(name: str, rung: Rung, state: _State) -> None:
    """Try a new joint model, and let it take the old one's place where both halves agree."""
    harmed, before = list(state.harmed), state.joint
    for task in harmed:
        state.tell(task, f"trying {name}")
    arm = rung.repair(harmed, state.arms, joint=before)
    if arm is None:
        return
    fine = [task for task in state.tasks if task not in harmed and task not in state.routed]
    mended = [task for task in harmed if state.mends(task, arm)]
    held: list[str] = []
    if mended and not _spoils(fine, arm, "A", state):
        # from here on half B has spoken about the mended tasks: what it refuses is answered by the twin
        held = [task for task in mended if not state.harms(task, arm)]
        held = [] if _spoils(fine, arm, "B", state) or _spoils(fine, arm, "valid", state) else held
        state.routed |= set(mended) - set(held)
        state.harmed = [task for task in harmed if task not in mended]
    if held:
        state.joint = arm
        state.repaired |= dict.fromkeys(held, name)
    for task in harmed:
        state.note(task, name, arm, task in held)


def _spoils(fine: Iterable[str], arm: str, role: Literal["A", "B", "valid"], state: _State) -> bool:
    """Whether a new joint model seems to harm a task that the one before does not harm."""
    return any(state.looks(task, arm, role) and not state.looks(task, state.joint, role) for task in fine)


def _settle(task: str, rungs: Mapping[str, Rung], state: _State) -> Choice:
    """Return what ships for one task, once the joint model stands."""
    arm, repair = state.joint, state.repaired.get(task)
    if task in state.routed:
        arm, repair = TWIN, "twin"
        state.note(task, repair, arm, True)
    elif task in state.harmed:
        arm, repair = _alone(task, rungs, state)
    state.tell(task, f"repaired: {repair}" if repair else "shared")
    return Choice(arm, repair, tuple(state.tried.get(task, ())))


def _alone(task: str, rungs: Mapping[str, Rung], state: _State) -> tuple[str, str]:
    """Return (arm, rung): the first repair that mends the task on half A and looks harmless on half B.

    Failure on B ends the climb at the twin, so that no task tries rungs until one pleases B. B is not untouched
    for all that: see docs/decisions/0003.
    """
    for name, rung in rungs.items():
        state.tell(task, f"trying {name}")
        arm = rung.repair([task], state.arms, joint=state.joint)
        if arm is None:
            continue
        passed_a = rung.exact or state.mends(task, arm)
        passed = passed_a and (rung.exact or not state.harms(task, arm))
        state.note(task, name, arm, passed)
        if passed:
            return arm, name
        if passed_a:
            break
    state.note(task, "twin", TWIN, True)
    return TWIN, "twin"
