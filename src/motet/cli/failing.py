"""How a command ends when it cannot go on: one line for people or one object for programs, and an exit code."""

from __future__ import annotations

import errno
import shlex
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from motet.cli.answer import print_json, write_line
from motet.errors import MotetError

MISTAKE, BUG, INTERRUPTED, PIPE_CLOSED = 2, 1, 130, 141

RESUMABLE = ("train", "certify", "demo")
"""Commands that keep what they have done; an interrupted one can go on."""

_SURROUNDINGS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST}
_SURROUNDINGS |= {errno.ENAMETOOLONG, errno.ENOENT, errno.ELOOP}


@dataclass(frozen=True)
class Failure:
    """What went wrong, what to try, and the exit code."""

    message: str
    remedy: str
    code: int


def failure_of(error: BaseException, arguments: Sequence[str]) -> Failure:
    """Return how an exception is told. arguments: the command line."""
    if isinstance(error, MotetError):
        return Failure(error.message, error.remedy, MISTAKE)
    if is_interrupt(error):
        return Failure("Interrupted.", _how_to_go_on(arguments), INTERRUPTED)
    if is_usage(error):
        return Failure(_sentence(error.format_message()), _help(error), MISTAKE)  # type: ignore[attr-defined]
    if isinstance(error, MemoryError):
        return Failure("The machine ran out of memory.", "Use a machine with more, or fewer rows.", MISTAKE)
    if _is_full(error):
        onward = _how_to_go_on(arguments)
        return Failure("The disk is full.", f"Make room. {onward}".strip(), MISTAKE)
    if isinstance(error, OSError) and error.errno in _SURROUNDINGS:
        where = f"'{error.filename}': " if error.filename else ""
        return Failure(f"{where}{error.strerror}.", "Check the path, its permissions and the free space.", MISTAKE)
    what = " ".join(f"{type(error).__name__}: {error}".split())
    again = "" if "--debug" in arguments else " Run it again with --debug for the whole traceback."
    return Failure(f"A bug in Motet: {_sentence(what)}", f"Please report it.{again}", BUG)


def tell(failure: Failure, error: BaseException, *, as_json: bool, debug: bool) -> None:
    """Print a failure. debug: the traceback first, on standard error."""
    if debug:
        write_line("".join(traceback.format_exception(error)).rstrip(), error=True)
    if as_json:
        print_json({"error": {"message": failure.message, "remedy": failure.remedy}})
    else:
        write_line("error: " + " ".join(f"{failure.message} {failure.remedy}".split()), error=True)


def is_usage(error: BaseException) -> bool:
    """Return whether typer refused the command line (its class differs between versions of typer)."""
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def is_interrupt(error: BaseException) -> bool:
    """Return whether somebody pressed Ctrl-C; typer passes it on as Abort."""
    return isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort"


def _is_full(error: BaseException) -> bool:
    """Whether there was no room to write; the library that writes weights says so in words alone."""
    full = {errno.ENOSPC, errno.EDQUOT}
    told = type(error).__name__ == "SafetensorError" and any(f"os error {code})" in str(error) for code in full)
    return told or (isinstance(error, OSError) and error.errno in full)


def _how_to_go_on(arguments: Sequence[str]) -> str:
    if not arguments or arguments[0] not in RESUMABLE:
        return ""
    again = arguments if "--resume" in arguments else [*arguments, "--resume"]
    return f"Go on with: motet {shlex.join(again)}"


def _help(error: BaseException) -> str:
    context = getattr(error, "ctx", None)
    return f"See: {getattr(context, 'command_path', 'motet')} --help"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else text + "."
