"""The project file: every section, its keys, their types, defaults and meanings."""

from __future__ import annotations

import tomllib
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from motet.schema import Column, GraphConfig, Project, TableSpec, TaskBase, TaskSplit
from motet.schema.tasks import KINDS, LabelledTask

NOT_IN_FILES = {"root", "frame"}
"""Fields that exist in Python only."""

INTRODUCTION = """# The project file

One TOML file describes a run: its tables, its tasks, and, where the defaults do not suit, everything else. Only
`[tables]` and `[tasks]` are needed. An unknown key is refused with the nearest known name. Any key can be overridden on
the command line, for instance `--set train.epochs=5`. `motet init FILES…` writes a first version.
"""


def page(meanings: Path) -> str:
    """Return the page; KeyError where a key has no meaning, or a meaning no key."""
    told: dict[str, dict[str, str]] = tomllib.loads(meanings.read_text(encoding="utf-8"))
    known = sections()
    _check(told, known)
    lines = [INTRODUCTION]
    for title, fields in known.items():
        lines += section(title, fields, told[title])
    return "\n".join(lines)


def sections() -> dict[str, dict[str, FieldInfo]]:
    """Return every section of a project file in reading order: title → its keys."""
    found = {
        "project": _model(Project, "project"),
        "tables.NAME": _fields(TableSpec),
        "tables.NAME.columns": _fields(Column),
        "tasks.NAME": _without(_fields(TaskBase), {"name"}),
    }
    for kind, model in KINDS.items():
        common = set(TaskBase.model_fields) | {"kind"}
        if issubclass(model, LabelledTask):
            common |= set(LabelledTask.model_fields) - ({"column"} if kind == "interest" else set())
        found[f'tasks.NAME, kind = "{kind}"'] = _without(_fields(model), common)
    named = {"kind": _kind(), "table": TaskBase.model_fields["table"], "column": LabelledTask.model_fields["column"]}
    labelled = {name: field for name, field in LabelledTask.model_fields.items() if name not in TaskBase.model_fields}
    found["tasks.NAME"] = named | found["tasks.NAME"] | labelled
    found["tasks.NAME.split"] = _fields(TaskSplit)
    rest = [name for name in Project.model_fields if name not in NOT_IN_FILES | {"project", "tables", "tasks", "graph"}]
    return found | {name: _model(Project, name) for name in rest} | {"graph.NAME": _fields(GraphConfig)}


def section(title: str, fields: Mapping[str, FieldInfo], told: Mapping[str, str]) -> list[str]:
    """Return the lines about one section."""
    kind = title.partition('kind = "')[2].rstrip('"')
    judged = [f"The certificate judges it by `{KINDS[kind].primary}`.", ""] if kind else []
    lines = [f"## {title}" if kind else f"## [{title}]", "", told["about"], "", *judged]
    if not fields:
        return lines
    lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
    for key, field in fields.items():
        meaning = told[key].replace("|", "\\|")
        lines.append(f"| `{key}` | {kind_of(field)} | {default_of(field)} | {meaning} |")
    return [*lines, ""]


def kind_of(field: FieldInfo) -> str:
    """Return a key's type in words, with its bounds."""
    bounds = []
    for rule in field.metadata:
        for name, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"), ("multiple_of", "multiple of")):
            if getattr(rule, name, None) is not None:
                bounds.append(f"{sign} {getattr(rule, name)}")
    return ", ".join([in_words(field.annotation), *bounds]).replace("|", "\\|")


def in_words(annotation: Any) -> str:
    """Return a Python type as a reader of TOML would say it."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f'`"{word}"`' for word in inner)
    if origin in (Union, types.UnionType):
        words = [in_words(each) for each in inner if each is not type(None)]
        return " or ".join(dict.fromkeys(words)) if len(words) < 3 else "value"
    if origin is tuple:
        return f"list of {in_words(inner[0])}" if inner[-1] is Ellipsis else f"list of {len(inner)} values"
    if origin is dict:
        return "section"
    plain = {str: "text", bool: "true or false", int: "whole number", float: "number", Any: "value"}
    return plain.get(annotation, "section")


def default_of(field: FieldInfo) -> str:
    """Return a key's default as TOML would write it, or why there is none."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value == {}:
        return "not set"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{list(value)}`"
    return f'`"{value}"`'.replace("|", "\\|") if isinstance(value, str) else f"`{value}`"


def _kind() -> FieldInfo:
    return FieldInfo(annotation=Literal[tuple(KINDS)])  # type: ignore[arg-type]


def _model(owner: Any, name: str) -> dict[str, FieldInfo]:
    return _fields(owner.model_fields[name].annotation)


def _fields(model: Any) -> dict[str, FieldInfo]:
    return _without(model.model_fields, NOT_IN_FILES)


def _without(fields: Mapping[str, FieldInfo], names: set[str]) -> dict[str, FieldInfo]:
    return {name: field for name, field in fields.items() if name not in names}


def _check(told: Mapping[str, Mapping[str, str]], known: Mapping[str, Mapping[str, FieldInfo]]) -> None:
    for title in told.keys() | known.keys():
        here, there = set(told.get(title, {})), {"about", *known.get(title, {})}
        if title not in known or here != there:
            raise KeyError(f"docs/keys.toml, [{title}]: missing {sorted(there - here)}, unknown {sorted(here - there)}")
