"""The commands: what each does, its arguments and its options, read from the commands' own signatures."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo

from motet.cli.main import COMMANDS
from motet.cli.verb import COMMON

INTRODUCTION = """# Commands

Every command answers with exit code 0 on success, 2 for a mistake that you can put right (one line says what was
found and what to try), and 130 when it is interrupted. With `--json`, one JSON object goes to standard output and
nothing else does; missing values are null, and a mistake is `{"error": {"message": …, "remedy": …}}`.

These options are the same everywhere:
"""


@dataclass(frozen=True)
class Parameter:
    """An argument or an option. names: as typed. shown: what its value is called, empty for a switch."""

    names: tuple[str, ...]
    shown: str
    meaning: str
    default: str
    required: bool
    argument: bool

    def cell(self) -> str:
        """Return how it is typed."""
        if self.argument:
            return f"`{self.shown}`"
        return ", ".join(f"`{name} {self.shown}`" if self.shown else f"`{name}`" for name in self.names)


def commands() -> dict[str, Callable[..., Any]]:
    """Return all commands by name."""
    return {command.__name__.replace("_", "-"): command for command in COMMANDS}


def parameters(command: Callable[..., Any]) -> list[Parameter]:
    """Return a command's own arguments and options, arguments first."""
    hints = get_type_hints(command, include_extras=True)
    given = [each for each in inspect.signature(command).parameters.values() if each.name not in COMMON]
    found = [_parameter(each.name, hints[each.name], each.default) for each in given]
    return sorted(found, key=lambda each: not each.argument)


def page() -> str:
    """Return the page."""
    shared = [_parameter(name, hint, False) for name, hint in COMMON.items()]
    lines = [INTRODUCTION, "| | meaning |", "|---|---|"]
    lines += [f"| {each.cell()} | {each.meaning} |" for each in shared]
    lines += ["| `--help`, `-h` | Show what the command does, with examples. |", ""]
    for name, command in commands().items():
        lines += describe(name, command)
    return "\n".join(lines)


def describe(name: str, command: Callable[..., Any]) -> list[str]:
    """Return the lines about one command."""
    own = parameters(command)
    asked = [each.shown if each.required else f"[{each.shown}]" for each in own if each.argument]
    usage = " ".join(["motet", name, *asked, "[OPTIONS]"])
    lines = [f"## motet {name}", "", "```text", usage, "```", "", *_paragraphs(inspect.getdoc(command) or "")]
    rows = [f"| {each.cell()} | {each.default} | {each.meaning} |" for each in own]
    return [*lines, "| | default | meaning |", "|---|---|---|", *rows, ""]


def _parameter(name: str, hint: Any, default: Any) -> Parameter:
    kind, info = _split(hint)
    names = _names(info) or (f"--{name.replace('_', '-')}",)
    switch = kind is bool
    shown = "" if switch else info.metavar or name.upper()
    required = default is inspect.Parameter.empty
    return Parameter(
        names=tuple(sorted(names, key=len, reverse=True)),
        shown=shown,
        meaning=" ".join((info.help or "").split()).replace("|", "\\|"),
        default="required" if required else _default(default),
        required=required,
        argument=isinstance(info, ArgumentInfo),
    )


def _names(info: Any) -> tuple[str, ...]:
    """Inside Annotated, typer takes the first name for a default until the program is built."""
    first = (info.default,) if isinstance(info.default, str) and info.default.startswith("-") else ()
    return (*first, *(info.param_decls or ()))


def _split(hint: Any) -> tuple[Any, Any]:
    """Return (plain type, typer's description) of an annotation; optional types are freed of None."""
    assert get_origin(hint) is Annotated, f"options are Annotated, found {hint}"
    kind, info = get_args(hint)[:2]
    if get_origin(kind) in (Union, UnionType):
        kind = next(each for each in get_args(kind) if each is not type(None))
    return kind, info


def _default(value: Any) -> str:
    plain = isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
    return f"`{value}`" if plain else ""


def _paragraphs(text: str) -> list[str]:
    """Return the help's paragraphs; those marked to keep their line breaks become blocks."""
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        plain = paragraph.strip("\n")
        if plain.startswith("\b"):
            lines += ["```text", plain.removeprefix("\b").strip("\n"), "```", ""]
        elif plain.strip():
            lines += [" ".join(plain.split()), ""]
    return lines
