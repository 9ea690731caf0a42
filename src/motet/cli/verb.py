"""What all commands have in common: --json, --quiet, --plain, --debug, examples in help, and one way to answer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer
from rich.markup import escape
from typer.core import TyperCommand

from motet.cli.answer import Answer, Reply, Tone

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output, and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
Plain = Annotated[bool, typer.Option("--plain", help="Show progress as lines, also on a terminal.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")]

COMMON: dict[str, Any] = {"as_json": Json, "quiet": Quiet, "plain": Plain, "debug": Debug}


class Command(TyperCommand):
    """A command whose help shows [brackets] as they are written, where typer would take them for colours."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        if self.rich_markup_mode == "rich":
            told: list[Any] = [self, *self.params]
            for each in told:
                each.help = escape(each.help or "")


def verb(*examples: str) -> Callable[[Callable[..., Answer]], Callable[..., Reply]]:
    """Return a decorator that makes a command of a function (tone, options…) → Answer.

    examples: whole command lines, shown at the end of its help. What it found is printed, and what --debug does
    is seen to, where all commands come together (see `main`).
    """

    def make(function: Callable[..., Answer]) -> Callable[..., Reply]:
        @wraps(function)
        def command(
            *, as_json: bool = False, quiet: bool = False, plain: bool = False, debug: bool = False, **options: Any
        ) -> Reply:
            tone = Tone(as_json, quiet, plain)
            return Reply(function(tone, **options), tone)

        hints = get_type_hints(function, include_extras=True)
        _, *own = inspect.signature(function).parameters.values()
        parameters = [each.replace(annotation=hints[each.name], kind=each.KEYWORD_ONLY) for each in own]
        parameters += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=hint)
            for name, hint in COMMON.items()
        ]
        command.__annotations__ = {each.name: each.annotation for each in parameters}
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__doc__ = f"{_flowing(function.__doc__)}\n\n\b\nExamples:\n{_indented(examples)}"
        return command

    return make


def _flowing(doc: str | None) -> str:
    """Paragraphs as one line each, for the terminal to wrap."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(doc or "").split("\n\n"))


def _indented(examples: tuple[str, ...]) -> str:
    return "\n".join(f"  {example}" for example in examples)
