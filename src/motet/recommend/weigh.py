"""Which tasks count in a list, and how much: the request before the rule, the rule before the segment, that before the
project, that before the default; then the project's limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from motet.errors import RequestError
from motet.recommend.blend import Mode, resolve_weights
from motet.recommend.loaded import Loaded
from motet.recommend.port import History, TaskView
from motet.recommend.question import Question
from motet.registry import nearest
from motet.schema import BlendConfig, Limit, Rule

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Weighing:
    """What counts in one list.

    weights: task → weight above zero; in the mode `value`, its value. told: who had a say, the strongest last.
    popularity: how much an item's share of all events counts against it.
    """

    weights: Mapping[str, float]
    told: tuple[str, ...]
    mode: Mode = "log"
    popularity: float = 0.0


def blend_of(project: Mapping[str, Any]) -> BlendConfig:
    """Return the blend section of a resolved project file."""
    return BlendConfig(**project.get("blend", {}))


def weigh(loaded: Loaded, question: Question, history: History, *, mode: Mode | None = None) -> Weighing:
    """Return what counts for a question; raises RequestError for weights that cannot be.

    mode: in place of the one that question and project choose. The answer depends on nothing but the project, the
    question, the user's profile and the moment.
    """
    blend, tasks = loaded.blend, loaded.scorer.tasks
    popularity = blend.popularity if question.popularity is None else float(question.popularity)
    rule = matching_rule(blend, moment_of(question, loaded)) if blend.rules else None
    if mode is None:
        mode = "value" if question.values else "log" if question.weights else blend.mode
    said: list[tuple[str, Mapping[str, float]]] = [("project", blend.values if mode == "value" else blend.weights)]
    segment = _segment(blend, history)
    if segment is not None and mode == "log":
        said.append((f"segment {segment}", blend.segments[segment]))
    if rule is not None:
        said.append((f"rule {rule.name}", rule.values if mode == "value" else rule.weights))
    said = [(who, {task: weight for task, weight in each.items() if task in tasks}) for who, each in said]
    said.append(("request", question.values if mode == "value" else question.weights))
    wanted = {task: weight for _, each in said for task, weight in each.items()}
    told = tuple(who for who, each in said if each)
    told = told if mode == "value" else ("default", *told)
    weights = _values(tasks, wanted) if mode == "value" else resolve_weights(tasks, wanted)
    limited = _limited(tasks, weights, blend.limits)
    told += ("limits",) if limited != weights else ()
    return Weighing(limited, told, mode, popularity)


def matching_rule(blend: BlendConfig, moment: datetime) -> Rule | None:
    """Return the first rule, in the file's order, whose every condition holds at a moment."""
    local = moment.astimezone(ZoneInfo(blend.timezone))
    return next((rule for rule in blend.rules if _holds(rule, local)), None)


def moment_of(question: Question, loaded: Loaded) -> datetime:
    """Return the moment of a question by the clock; one without a zone is in the project's."""
    if isinstance(question.at, datetime):
        return _zoned(question.at, ZoneInfo(loaded.blend.timezone))
    if question.now is not None and loaded.users.time_unit == "ms":
        try:
            return datetime.fromtimestamp(question.now / 1000, UTC)
        except (OverflowError, ValueError, OSError):
            raise RequestError(f"now is {question.now}, which is no moment in milliseconds.", "Change it.") from None
    return datetime.now(UTC)


def _holds(rule: Rule, local: datetime) -> bool:
    zone = local.tzinfo
    assert isinstance(zone, ZoneInfo)
    if rule.days and DAYS[local.weekday()] not in rule.days:
        return False
    if rule.since is not None and local < _zoned(rule.since, zone):
        return False
    if rule.until is not None and local >= _zoned(rule.until, zone):
        return False
    if rule.hours is None:
        return True
    begin, end = rule.hours
    hour = local.hour + local.minute / 60 + local.second / 3600
    return begin <= hour < end if begin <= end else hour >= begin or hour < end


def _zoned(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def _segment(blend: BlendConfig, history: History) -> str | None:
    if blend.segment is None or blend.segment not in history.profile.columns or not history.profile.height:
        return None
    value = history.profile[blend.segment][0]
    name = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return name if name in blend.segments else None


def _values(tasks: Mapping[str, TaskView], wanted: Mapping[str, float]) -> dict[str, float]:
    known = [name for name, view in tasks.items() if view.ranks_items]
    for name in wanted:
        if name not in known:
            message = f"'{name}' cannot have a value in a list; known: {', '.join(known) or 'none'}."
            raise RequestError(message, nearest(str(name), known).strip() or "Use one of these.")
    counting = {name: float(value) for name, value in wanted.items() if value != 0}
    if not counting:
        raise RequestError("All values are zero.", f"Give one of these a value: {', '.join(known)}.")
    return counting


def _limited(
    tasks: Mapping[str, TaskView], weights: Mapping[str, float], limits: Mapping[str, Limit]
) -> dict[str, float]:
    known = {name: limit for name, limit in limits.items() if name in tasks and tasks[name].ranks_items}
    found = dict.fromkeys(known, 0.0) | dict(weights)
    found |= {name: min(max(found[name], limit.min), limit.max) for name, limit in known.items()}
    counting = {name: weight for name, weight in found.items() if weight != 0}  # a value may be below zero
    if not counting:
        raise RequestError("All weights are zero once the project's limits hold.", "Ask for other weights.")
    return counting
