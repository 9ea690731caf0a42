"""motet advise: which tasks to learn together, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.options import Data, ProjectFile, Settings, read_project
from motet.cli.verb import verb
from motet.errors import ProjectError

Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Write PROJECT with the advised sections to this project file."),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite an existing project file.")]


@verb(
    "motet advise motet.toml",
    "motet advise motet.toml --data /data/shop --out advised.toml",
    "motet advise motet.toml --set tasks.buy.value=5 --json --quiet > advice.json",
    "motet advise motet.toml --set train.minutes=10",
)
def advise(
    tone: Tone,
    project: ProjectFile,
    data: Data = None,
    out: Out = None,
    force: Force = False,
    settings: Settings = None,
) -> Answer:
    """Say which tasks to learn together and how.

    For every pair of tasks: where their labels meet, what they tell about one another, which has many to lend, and,
    from a short joint run, what a step for one does to the other. For every task: its labels, its cost, its stated
    value. From that: groups of tasks, tasks better left alone, the main task, and lines for [sharing] and [balance],
    each with a reason. Advice is no proof; that is what certify is for.
    """
    from motet import workflow
    from motet.cli.watching import watching
    from motet.transfer.advise.lines import with_sections

    if out is not None and out.exists() and not force:
        raise ProjectError(f"'{out}' exists already.", "Choose another name with --out, or overwrite it with --force.")
    declared = read_project(project, data, settings)
    with watching(tone) as watch:
        found = workflow.advise(declared, watch=watch)
    lines = [str(found), ""]
    place = project
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(with_sections(project.read_text(encoding="utf-8-sig"), found.sections), encoding="utf-8")
        lines.append(f"written: {out}, with these lines in the place of its own")
        place = out
    root = data or (project.parent if place.parent != project.parent else None)
    again = f"{place}{f' --data {root}' if root else ''}"
    lines.append(f"next: motet certify {again} --out runs/{declared.project.name}")
    return Answer("\n".join(lines), {**found.to_json(), "path": None if out is None else str(out)})
