"""motet show: what a model is made of, in words or as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.grid import grid, number
from motet.cli.options import ModelFolder
from motet.cli.verb import verb
from motet.errors import ArtifactError, RequestError

if TYPE_CHECKING:
    from motet.report.anatomy import Anatomy
    from motet.report.words import Words

LANGUAGES = ("en", "zh")

Structure = Annotated[
    Path | None, typer.Option("--structure", metavar="FILE", help="Draw it: an SVG file, for light and dark.")
]
Language = Annotated[
    str | None, typer.Option("--language", metavar="en|zh", help="Of the labels; by default the project's.")
]


@verb(
    "motet show runs/shop",
    "motet show runs/shop --structure structure.svg",
    "motet show runs/shop --structure structure.svg --language zh --json",
)
def show(tone: Tone, folder: ModelFolder, structure: Structure = None, language: Language = None) -> Answer:
    """Show what a model is made of: tables, parts, tasks.

    From what is read over the language model, the trunk and the way of sharing to the tasks, with numbers of
    parameters, repairs, and models beside the shared one. No weight is loaded.
    """
    if language is not None and language not in LANGUAGES:
        raise RequestError(f"Labels are written in en or zh; found '{language}'.", "Choose one of them.")
    if structure is not None and structure.suffix.lower() != ".svg":
        raise RequestError(f"The picture is an SVG file; found '{structure.name}'.", "For instance: structure.svg")
    from motet.artifact import open_folder
    from motet.report.saved import read_saved
    from motet.report.structure_picture import svg_file
    from motet.report.words import words

    saved = read_saved(open_folder(folder))
    if saved.anatomy is None:
        raise ArtifactError(f"'{folder}' does not tell what its model is made of.", "Ask the folder it was made from.")
    said = words(language or saved.language)
    if structure is not None:
        structure.parent.mkdir(parents=True, exist_ok=True)
        structure.write_text(svg_file(saved.anatomy, said), encoding="utf-8")
    end = f"\n\npicture: {structure}" if structure is not None else ""
    drawn = None if structure is None else str(structure)
    return Answer(render(saved.anatomy, said) + end, {**saved.anatomy.to_json(), "picture": drawn})


def render(found: Anatomy, said: Words) -> str:
    """Return the parts of every model as a table, for people."""
    from motet.report.structure_picture import band_name, title

    parts = []
    for model in found.models:
        rows = [
            [
                said(f"column_{box.column}"),
                title(box, said),
                said(f"state_{box.state}"),
                "" if box.parameters is None else number(box.parameters),
                said.listed([said(key, **values) for key, values in box.notes]),
            ]
            for box in sorted(model.boxes, key=lambda box: box.column)
        ]
        parts.append(f"{band_name(model, said)}\n{grid(('', '', '', '', ''), rows, right=(3,))}")
    return "\n\n".join(parts)
