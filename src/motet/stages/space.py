"""What a search may try: ranges and choices by key, as the project says or as usually matters, and how to draw them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from motet.errors import ProjectError
from motet.schema import AUTO, Project
from motet.schema.overlay import with_settings
from motet.schema.search import MEAN, Scalar, SearchRange
from motet.stages.choosing import PLAIN, SECTIONS
from motet.stages.kinds import can_be_had, with_kinds
from motet.stages.study import Study
from motet.transfer.advise.kinds import kinds_of

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Space = Mapping[str, SearchRange | tuple[Scalar, ...]]
GRID = 4
"""Into how many points a grid turns a range without a step."""
LEAST_WIDTH = 16


def settled(project: Project) -> Project:
    """Return the project with the plain kinds where it leaves one open: a search chooses among kinds itself."""
    open_kinds = {f"{section}.kind": PLAIN[section] for section in SECTIONS if getattr(project, section).kind == AUTO}
    return with_settings(project, open_kinds) if open_kinds else project


def space_of(study: Study) -> Space:
    """Return the declared space, or a small one around the project's own settings."""
    return study.project.search.space or _default(study)


def _default(study: Study) -> Space:
    """Learning rate, weight decay, dropout, width, patience; kinds of sharing and balance where tasks share."""
    project = study.project
    rate, width = project.train.learning_rate, project.trunk.width
    widths = sorted({max(LEAST_WIDTH, width // 2 // 8 * 8), width, 2 * width})
    heads = project.trunk.heads
    space: dict[str, SearchRange | tuple[Scalar, ...]] = {
        "train.learning_rate": SearchRange(low=rate / 5, high=rate * 5, log=True),
        "train.weight_decay": SearchRange(low=1e-3, high=0.2, log=True),
        "trunk.dropout": SearchRange(low=0.0, high=0.6),
        "trunk.width": tuple(each for each in widths if each % heads == 0),
        "train.patience": tuple(sorted({3, 5, 8, project.train.patience})),
    }
    if len(study.examples) > 1:
        for section in SECTIONS:
            own = getattr(project, section).kind
            kinds = [own, *(kind for kind in kinds_of(section) if kind != own)]
            space[f"{section}.kind"] = tuple(
                kind for kind in kinds if kind == own or can_be_had(with_kinds(study, **{section: kind}))
            )
    return {key: given for key, given in space.items() if not isinstance(given, tuple) or len(given) > 1}


def check_space(project: Project, space: Space) -> None:
    """Raise ProjectError where a key of the space is none, or a value at its end or among its choices does not fit.

    Values that only some of the other settings forbid (a width that heads do not divide) are found when they are tried.
    """
    objective = project.search.objective
    if objective != MEAN and objective not in project.judged:
        known = ", ".join([MEAN, *project.judged])
        raise ProjectError(f"search.objective is '{objective}'; known: {known}.", "Name one of these.")
    for key, given in space.items():
        ends = given if isinstance(given, tuple) else (given.low, given.high)
        for value in ends:
            try:
                with_settings(project, {key: value})
            except ProjectError as error:
                raise ProjectError(f"[search.space] '{key}': {error.message}", error.remedy) from None


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Return the space as optuna draws from it."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    found: dict[str, BaseDistribution] = {}
    for key, given in space.items():
        if isinstance(given, tuple):
            found[key] = CategoricalDistribution(given)
        elif given.whole:
            step = 1 if given.step is None else int(given.step)
            found[key] = IntDistribution(int(given.low), int(given.high), log=given.log, step=step)
        else:
            found[key] = FloatDistribution(float(given.low), float(given.high), log=given.log, step=given.step)
    return found


def grid_of(space: Space) -> dict[str, Sequence[Any]]:
    """Return the points of a grid: every choice, every step, or a few points of a range without one."""
    return {key: list(given) if isinstance(given, tuple) else _points(given) for key, given in space.items()}


def _points(given: SearchRange) -> list[int | float]:
    if given.step is not None:
        count = math.floor((given.high - given.low) / given.step + 1e-9) + 1
        values = [given.low + place * given.step for place in range(count)]
    elif given.log:
        ratio = given.high / given.low
        values = [given.low * ratio ** (place / (GRID - 1)) for place in range(GRID)]
    else:
        values = [given.low + (given.high - given.low) * place / (GRID - 1) for place in range(GRID)]
    values = [min(given.high, max(given.low, value)) for value in values]
    return sorted({round(value) for value in values}) if given.whole else values


def own_settings(project: Project, keys: Sequence[str]) -> dict[str, Any]:
    """Return what the project itself says under dotted keys; None where it leaves something to be chosen."""
    content = project.model_dump(mode="json")
    found = {}
    for key in keys:
        value: Any = content
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        found[key] = value
    return found


def inside(values: Mapping[str, Any], drawn: Mapping[str, BaseDistribution]) -> bool:
    """Whether settings lie within the space."""
    try:
        return all(each._contains(each.to_internal_repr(values[key])) for key, each in drawn.items())
    except (TypeError, ValueError, KeyError):
        return False
