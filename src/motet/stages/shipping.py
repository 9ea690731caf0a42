"""What ships: the joint model with the private parts it was given, models beside it, and twins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from motet.model.assemble import MotetModel
from motet.model.names import module_name
from motet.stages.growing import fill, regrown
from motet.stages.outcomes import Outcome
from motet.stages.repairing import Repairs


@dataclass(frozen=True)
class Shipped:
    """A model that ships: its name in the folder, the tasks that it answers, and the arms that it is made of."""

    name: str
    model: MotetModel
    tasks: tuple[str, ...]
    arms: tuple[str, ...]


def compose(repairs: Repairs, routes: Mapping[str, str], *, seed: int = 0) -> list[Shipped]:
    """Return the models that ship, when `routes` says which arm answers each task. seed: the place among the seeds.

    Private parts join the joint model that they were trained on, so that there is one trunk.
    """
    found: list[Shipped] = []
    shared = [task for task, arm in routes.items() if arm in repairs.made and _is_shared(repairs, arm)]
    if shared:
        found.append(_joint(repairs, {task: routes[task] for task in shared}, seed))
    for number, (task, arm) in enumerate(routes.items()):
        if arm == "twin":
            found.append(Shipped(f"twin-{number}", repairs.twins[task][seed].model, (task,), (arm,)))
        elif task not in shared:
            model = alone(repairs.made[arm][seed].model, task)
            found.append(Shipped(f"interpolated-{number}", model, (task,), (arm,)))
    return found


def alone(model: MotetModel, task: str) -> MotetModel:
    """Return the model without what other tasks need; the whole of it where the strategy ties them together."""
    has_own = module_name(task) in model.sharing.adapters or module_name(task) in model.sharing.private
    if model.shape.sharing.kind != "shared_bottom" or has_own:
        return model
    return regrown(model, model.shape.only(task), seed=0)


def arm_outcomes(repairs: Repairs, task: str, arm: str) -> Sequence[Outcome]:
    """Return an arm's outcomes, a task's twin among them."""
    return repairs.twins[task] if arm == "twin" else repairs.made[arm]


def training_seconds(repairs: Repairs, routes: Mapping[str, str], seed: int) -> float:
    """Return the seconds that training took of all that ships with a seed, every arm on the way counted once."""
    seconds: dict[tuple[str, str], float] = {}
    for task, arm in routes.items():
        if arm == "twin":
            seconds[arm, task] = repairs.twins[task][seed].seconds
            continue
        while arm in repairs.going:
            going = repairs.going[arm]
            # shares of one fork cost one training
            key = (repairs.fork_of(arm), "") if going.fork else (arm, "")
            seconds[key] = repairs.made[arm][seed].seconds
            arm = going.base
        made = repairs.made[arm][seed]
        seconds[arm, ""] = made.seconds
        if made.first is not None:
            seconds["twin", made.first.arm] = made.first.seconds
    return sum(seconds.values())


def _is_shared(repairs: Repairs, arm: str) -> bool:
    return arm not in repairs.going or not repairs.going[arm].fork


def _joint(repairs: Repairs, routes: Mapping[str, str], seed: int) -> Shipped:
    """Return the joint model that answers these tasks, with their private parts."""
    own = {task: arm for task, arm in routes.items() if arm in repairs.going and repairs.going[arm].task}
    bases = {repairs.going[arm].base if task in own else arm for task, arm in routes.items()}
    assert len(bases) == 1, "one joint model stands at a time"
    model = repairs.made[bases.pop()][seed].model
    if own:
        parts = {task: repairs.made[arm][seed].model for task, arm in own.items()}
        ranks = {name: rank for part in parts.values() for name, rank in part.shape.sharing.ranks.items()}
        sharing = replace(model.shape.sharing, ranks=ranks)
        model = regrown(model, replace(model.shape, sharing=sharing), seed=0).eval()
        for task, part in parts.items():
            fill(model, part, tasks=(task,))
    return Shipped("joint", model, tuple(routes), tuple(dict.fromkeys(routes.values())))
