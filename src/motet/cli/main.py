"""The command line: every verb has a file of its own; here they come together, and here errors end."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Annotated, Any

import typer

from motet.cli.advise import advise
from motet.cli.answer import Reply, speak, write_line
from motet.cli.baseline import baseline
from motet.cli.certify import certify
from motet.cli.check import check
from motet.cli.compare import compare
from motet.cli.compress import compress
from motet.cli.demo import demo
from motet.cli.doctor import doctor
from motet.cli.encoders import encoders
from motet.cli.evaluate import evaluate
from motet.cli.explain import explain
from motet.cli.failing import INTERRUPTED, PIPE_CLOSED, failure_of, is_usage, tell
from motet.cli.forget import forget
from motet.cli.fuse import fuse
from motet.cli.init import init
from motet.cli.key import key
from motet.cli.neighbours import neighbours
from motet.cli.off_policy import off_policy
from motet.cli.predict import predict
from motet.cli.recommend import recommend
from motet.cli.search import search
from motet.cli.serve import serve
from motet.cli.show import show
from motet.cli.store import store
from motet.cli.suggest_labels import suggest_labels
from motet.cli.train import train
from motet.cli.tune_weights import tune_weights
from motet.cli.update import update
from motet.cli.verb import Command

COMMANDS: tuple[Callable[..., Reply], ...] = (
    demo,
    init,
    check,
    baseline,
    advise,
    search,
    train,
    certify,
    evaluate,
    compare,
    show,
    recommend,
    predict,
    explain,
    neighbours,
    suggest_labels,
    tune_weights,
    fuse,
    off_policy,
    update,
    compress,
    serve,
    key,
    store,
    forget,
    encoders,
    doctor,
)
"""In the order of a project's life."""

HELP = """A multi-task recommender built on language models, with a certificate that sharing helped.

\b
Examples:
  motet demo                                      the whole story on a grocery shop
  motet init events.csv items.csv -o motet.toml   propose a project
  motet check motet.toml                          read and check the tables
  motet certify motet.toml --out runs/mine        train, certify, repair, pack
  motet recommend runs/mine --user U1 --explain   one list
"""


def _version(wanted: bool) -> None:
    if wanted:
        from motet import __version__

        write_line(f"motet {__version__}")
        raise typer.Exit()


def _program(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


def make_app() -> typer.Typer:
    """Return the program with all its commands."""
    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback(help=HELP)(_program)
    for command in COMMANDS:
        app.command(command.__name__.replace("_", "-"), cls=Command)(command)
    return app


def main(arguments: Sequence[str]) -> int:
    """Run a command line (without the program's name) and return its exit code."""
    given = list(arguments) or ["--help"]
    flags = given[: given.index("--")] if "--" in given else given
    debug = "--debug" in flags
    try:
        with _one_line_warnings(debug=debug):
            reply = make_app()(given, prog_name="motet", standalone_mode=False)
        if reply == INTERRUPTED:  # what typer makes of Ctrl-C
            raise KeyboardInterrupt
        if not isinstance(reply, Reply):  # after --help or --version
            return int(reply or 0)
        speak(reply)
        return reply.answer.code
    except (BrokenPipeError, SystemExit):  # typer leaves in this way when the reader of its help is gone
        _let_go_of_the_pipe()
        return PIPE_CLOSED
    except (Exception, KeyboardInterrupt) as error:
        failure = failure_of(error, given)
        tell(failure, error, as_json="--json" in flags, debug=debug and not is_usage(error))
        return failure.code


def run() -> None:
    """Run what the shell asks for, and leave with its exit code."""
    # Before torch is loaded: threads that spin while they wait slow a run tenfold where others use the cores too.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    sys.exit(main(sys.argv[1:]))


@contextmanager
def _one_line_warnings(*, debug: bool) -> Iterator[None]:
    """Show Motet's own warnings as one line each; other libraries' only with --debug."""
    with warnings.catch_warnings():
        if not debug:
            warnings.simplefilter("ignore")
            warnings.filterwarnings("default", module=r"motet($|\.)")
        warnings.showwarning = _show
        yield


def _show(message: Warning | str, *_: Any, **__: Any) -> None:
    write_line(f"warning: {message}", error=True)


def _let_go_of_the_pipe() -> None:
    """Point standard output nowhere, so that Python does not complain when it flushes at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
