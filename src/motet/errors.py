"""One family of errors, for everything a person can put right.

    MotetError
    ├── ProjectError    the project file or the call's own arguments
    ├── DataError       a table, a file, a column, too few labels
    ├── LeakageError    an input that gives a label away
    ├── ArtifactError   a folder that is damaged, foreign or too new
    ├── RequestError    a question that a loaded model cannot answer
    ├── StoreError      the event store cannot be opened, read or written
    └── MissingExtra    an optional library that is not installed

Each carries a `message` (what was found, what was expected) and a `remedy` (what to try). The command line prints
both on one line and exits with 2; anything that is not a MotetError is a bug in Motet.
"""


class MotetError(Exception):
    """A mistake that the caller can put right."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class ProjectError(MotetError):
    """The project file, or the arguments of a call, do not hold together."""


class DataError(MotetError):
    """A table cannot be read, is too broken, or holds too little."""


class LeakageError(MotetError):
    """An input gives a label away."""


class ArtifactError(MotetError):
    """A model folder is damaged, foreign, or from a newer version."""


class RequestError(MotetError):
    """A loaded model cannot answer this question."""


class StoreError(MotetError):
    """The store of events, items and users cannot be opened, read or written; nothing was saved by this call."""


class MissingExtra(MotetError):  # noqa: N818 - the name is what people read
    """An optional library is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} is not installed.", install(extra))


UPGRADE = "Upgrade Motet in its clone: git pull, then make setup"
"""What to do where something is newer than this version."""


def install(extra: str) -> str:
    """Return what to do where an extra is missing."""
    return f"Install it in Motet's clone: {install_command(extra)} (make setup installs everything)"


def install_command(extra: str) -> str:
    """Return the command that installs an extra, for the folder that Motet was cloned into."""
    return f"pip install -e '.[{extra}]'"
