"""Options that several commands share, worded once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from motet.schema import Project

ProjectFile = Annotated[Path, typer.Argument(metavar="PROJECT", help="The project file, for instance motet.toml.")]
ModelFolder = Annotated[Path, typer.Argument(metavar="DIR", help="A model folder, as train and certify write it.")]
Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The folder against which relative paths in the project resolve."),
]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where the model folder is written.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a setting of the project file. Repeatable."),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run into the same folder stopped.")]
Explain = Annotated[bool, typer.Option("--explain", help="Say why each item is on the list.")]


def read_project(path: Path, data: Path | None, settings: list[str] | None = None) -> Project:
    """Return the project of a file, with overrides."""
    from motet.schema.project import Project, parse_override

    return Project.read(path, data=data, overrides=dict(parse_override(each) for each in settings or ()))
