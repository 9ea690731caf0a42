import errno

import pytest

from motet.cli.failing import failure_of
from motet.errors import DataError


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (DataError("No rows.", "Bring some."), 2, "No rows."),
        (KeyboardInterrupt(), 130, "Interrupted."),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 2, "'/x': Permission denied."),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "The disk is full."),
        (MemoryError(), 2, "The machine ran out of memory."),
        (ValueError("a\nb"), 1, "A bug in Motet: ValueError: a b."),
        (OSError("odd"), 1, "A bug in Motet: OSError: odd."),
    ],
)
def test_what_is_said(error: BaseException, code: int, message: str) -> None:
    failure = failure_of(error, ["check", "x.toml"])
    assert (failure.code, failure.message) == (code, message)


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["certify", "my file.toml", "--out", "r"], "Go on with: motet certify 'my file.toml' --out r --resume"),
        (["train", "m.toml", "--resume"], "Go on with: motet train m.toml --resume"),
        (["check", "m.toml"], ""),
        ([], ""),
    ],
)
def test_how_an_interrupted_run_goes_on(arguments: list[str], remedy: str) -> None:
    assert failure_of(KeyboardInterrupt(), arguments).remedy == remedy


def test_a_bug_asks_for_debug_once() -> None:
    assert "--debug" in failure_of(ValueError(), ["check"]).remedy
    assert "--debug" not in failure_of(ValueError(), ["check", "--debug"]).remedy


class SafetensorError(Exception):
    """As the library's: known by its name, so that a command that writes no weights need not import it."""


def test_a_full_disk_met_by_the_library_that_writes_weights_is_no_bug() -> None:
    met = SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")
    failure = failure_of(met, ["certify", "m.toml"])
    assert (failure.code, failure.message) == (2, "The disk is full.")
    assert failure.remedy == "Make room. Go on with: motet certify m.toml --resume"
    assert failure_of(SafetensorError("header too large"), ["certify", "m.toml"]).code == 1
