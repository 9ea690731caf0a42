"""The commands: what each does, its arguments and its options, as the command line itself declares them."""

from __future__ import annotations

from typing import Any

INTRODUCTION = """# Commands

Every command answers with exit code 0 on success, 2 for a mistake that you can put right (one line says what was
found and what to try), and 130 when it is interrupted. With `--json`, one JSON object goes to standard output and
nothing else does; missing values are null, and a mistake is `{"error": {"message": …, "remedy": …}}`.
"""
EVERYWHERE = ("--json", "--quiet", "--debug", "--help")


def page() -> str:
    """Return the page."""
    group = program()
    lines = [
        INTRODUCTION,
        "These options are the same everywhere:",
        "",
        *everywhere(next(iter(group.commands.values()))),
    ]
    for name, command in group.commands.items():
        lines += describe(name, command)
    return "\n".join(lines)


def program() -> Any:
    """Return the command line's group of commands."""
    from typer.main import get_command

    from motet.cli.main import make_app

    return get_command(make_app())


def describe(name: str, command: Any) -> list[str]:
    """Return the lines about one command."""
    own = [each for each in command.params if not set(EVERYWHERE) & set(each.opts)]
    arguments = [each for each in own if each.param_type_name == "argument"]
    options = [each for each in own if each.param_type_name == "option"]
    usage = " ".join(["motet", name, *(_shown(each) for each in arguments), *(["[OPTIONS]"] if options else [])])
    lines = [f"## motet {name}", "", "```text", usage, "```", "", *_paragraphs(command.help or "")]
    if own:
        lines += ["| | default | meaning |", "|---|---|---|", *(_row(each) for each in [*arguments, *options]), ""]
    return lines


def everywhere(command: Any) -> list[str]:
    """Return the lines about the options that all commands share."""
    shared = [each for each in command.params if set(EVERYWHERE) & set(each.opts)]
    return ["| | meaning |", "|---|---|", *(f"| {_name(each)} | {_cell(each.help)} |" for each in shared), ""]


def _row(each: Any) -> str:
    default = "required" if each.required else _default(each)
    return f"| {_name(each)} | {default} | {_cell(each.help)} |"


def _name(each: Any) -> str:
    if each.param_type_name == "argument":
        return f"`{_shown(each)}`"
    metavar = "" if getattr(each, "is_flag", False) else f" {_metavar(each)}"
    return ", ".join(f"`{name}{metavar}`" for name in sorted([*each.opts, *each.secondary_opts], key=len, reverse=True))


def _metavar(each: Any) -> str:
    choices = getattr(each.type, "choices", None)
    return each.metavar or ("|".join(str(choice) for choice in choices) if choices else each.type.name.upper())


def _shown(argument: Any) -> str:
    name = (argument.metavar or argument.name.upper()).removesuffix("...").removesuffix("…").strip("[]")
    many = "…" if argument.nargs == -1 else ""
    return f"{name}{many}" if argument.required else f"[{name}{many}]"


def _default(each: Any) -> str:
    value = each.default
    if value is None or value is False or value == () or callable(value) or not isinstance(value, str | int | float):
        return ""
    return f"`{value}`"


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _paragraphs(text: str) -> list[str]:
    """Return the help's paragraphs; those marked to keep their line breaks become blocks."""
    lines: list[str] = []
    for paragraph in text.replace("\r", "").split("\n\n"):
        if paragraph.lstrip("\n").startswith("\b"):
            kept = paragraph.lstrip("\n").removeprefix("\b").strip("\n")
            lines += ["```text", kept, "```", ""]
        elif paragraph.strip():
            lines += [" ".join(paragraph.split()), ""]
    return lines
