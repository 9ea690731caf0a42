"""What pydantic found wrong, as a message and a remedy for people."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ValidationError

from motet.registry import nearest

_CHOICE = re.compile(r"'([^']*)'")
_HINT = re.compile(r"\s*(Did you mean '[^']*'\?)\s*\.?$")
_HIDDEN = frozenset({"root", "frame"})


def explain(error: ValidationError, model: type[BaseModel]) -> tuple[str, str]:
    """Return (message, remedy) for the first thing wrong: its place, what was found, and what would fit."""
    errors = error.errors()
    beside = (each for each in errors if each["loc"][:-1] == errors[0]["loc"][:-1])
    # a key that is missing is often one that was misspelt
    first = next((each for each in beside if each["type"] == "extra_forbidden"), errors[0])
    place, known, default = _walk(model, first["loc"])
    if place[:1] == ["tasks"]:
        known = [key for key in known if key != "name"]  # in a file it is the section's
    section = ".".join(place[:-1])
    name = f"[{section}]" if section else _called(model)
    if first["type"] == "extra_forbidden":
        listed = ", ".join(known)
        return f"{name} has an unknown key '{place[-1]}'; known: {listed}.", _near(place[-1], known)
    if first["type"] == "missing":
        return f"{name} needs the key '{place[-1]}'.", "Add it."
    where = ".".join(place) or _called(model)
    message = str(first["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    message, hint = _HINT.sub("", message), _HINT.search(message)
    found = first.get("input")
    shown = f", found {found!r}" if isinstance(found, str | int | float | bool) and "found" not in message else ""
    if hint is not None:
        remedy = hint[1]
    elif first["type"] in ("literal_error", "enum"):
        remedy = _near(str(found), _CHOICE.findall(str(first.get("ctx", {}).get("expected", ""))))
    elif default is not None:
        remedy = f"By default it is {default}."
    else:
        remedy = f"Correct {where}."
    return f"{where}: {message}{shown}.".replace("..", "."), remedy


def _near(name: str, known: list[str]) -> str:
    return nearest(name, known).strip() or "Choose one of these."


def _called(model: type[BaseModel]) -> str:
    return "the project file" if model.__name__ == "Project" else model.__name__


def _walk(model: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[list[str], list[str], Any]:
    """Return the place as written in a project file, the keys known in its last section, and the default there.

    loc: pydantic's path, which holds the kinds of tasks beside the keys.
    """
    place: list[str] = []
    kind: Any = model
    owner: type[BaseModel] = model
    default: Any = None
    for step in loc:
        tagged = _tagged(kind, step)
        if tagged is not None:
            kind = owner = tagged
            continue
        place.append(str(step))
        default = None
        found = _section(kind)
        if found is not None:
            owner = found
            field = found.model_fields.get(str(step))
            default = None if field is None else field.get_default()
            kind = None if field is None else field.annotation
        else:
            kind = _member(kind)
    shown = default if isinstance(default, str | int | float | bool) else None
    return place, [name for name in owner.model_fields if name not in _HIDDEN], None if shown == "" else shown


def _section(kind: Any) -> type[BaseModel] | None:
    """Return the section that a type stands for, or None where it is a plain value or a mapping."""
    for each in (kind, *_options(kind)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None


def _tagged(kind: Any, step: int | str) -> type[BaseModel] | None:
    """Return the section of that kind, where a type is one of several sections told apart by their kind."""
    several = [each for each in _options(kind) if isinstance(each, type) and issubclass(each, BaseModel)]
    for each in several if len(several) > 1 else ():
        field = each.model_fields.get("kind")
        if field is not None and field.default == step:
            return each
    return None


def _options(kind: Any) -> tuple[Any, ...]:
    """Return the members of a union, also of an annotated one."""
    origin = getattr(kind, "__origin__", None)
    inner = origin if hasattr(kind, "__metadata__") else kind
    return () if _is_container(inner) else tuple(getattr(inner, "__args__", ()))


def _member(kind: Any) -> Any:
    """Return the type of a container's values."""
    arguments = getattr(kind, "__args__", ())
    return arguments[-1] if _is_container(kind) and arguments else None


def _is_container(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) in (dict, list, tuple)
