"""motet init: look at tables and propose a project file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.verb import verb
from motet.errors import ProjectError

if TYPE_CHECKING:
    from motet.data.proposal import Proposal

Files = Annotated[list[Path], typer.Argument(metavar="FILES…", help="Tables: csv, tsv, parquet or jsonl, also .gz.")]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The project file to write.")]
Name = Annotated[str | None, typer.Option("--name", help="The project's name.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite an existing project file.")]


@verb(
    "motet init events.csv items.csv users.csv -o motet.toml",
    "motet init reviews.parquet --name reviews -o reviews.toml",
    "motet init data/*.csv --force",
)
def init(tone: Tone, files: Files, out: Out = Path("motet.toml"), name: Name = None, force: Force = False) -> Answer:
    """Propose a project from a look at tables.

    Guesses keys, meanings and tasks, and writes them with a reason beside each, to be corrected by you.
    """
    from motet.data.proposal import propose

    if out.exists() and not force:
        raise ProjectError(f"'{out}' exists already.", "Choose another name with -o, or overwrite it with --force.")
    found = propose(files, name=name)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(found.to_toml(out.parent), encoding="utf-8")
    return Answer(render(found, out), {"path": str(out), **record(found)})


def record(found: Proposal) -> dict[str, Any]:
    """Return the guesses as plain values."""
    from motet.data.proposal import GIVES_AWAY

    tables = {
        name: {
            "file": str(found.paths[name]),
            "role": table.role,
            "keys": {role: column for role, (column, _) in table.keys.items()},
            "columns": {
                column: guess.meaning for column, guess in table.columns.items() if column not in found.hidden(name)
            },
            "misfits": {column: guess.misfits for column, guess in table.columns.items() if guess.misfits},
            "dropped": {**table.dropped, **dict.fromkeys(sorted(found.hidden(name)), GIVES_AWAY)},
        }
        for name, table in found.tables.items()
    }
    tasks = {task.name: {**task.settings, "reason": task.reason} for task in found.tasks}
    return {
        "name": found.name,
        "language": found.language,
        "tables": tables,
        "tasks": tasks,
        "unused": [str(path) for path in found.unused],
        "nobody": found.nobody,
    }


def render(found: Proposal, out: Path) -> str:
    """Return the guesses for people, and the next command."""
    lines = [f"project '{found.name}', language {found.language}"]
    for name, table in record(found)["tables"].items():
        keys = ", ".join(f"{role} = {column}" for role, column in table["keys"].items()) or "no keys"
        lines += ["", f"table {name} ({table['file']}): {keys}"]
        odd = {column: f" ({cells})" for column, cells in table["misfits"].items()}
        lines += [f"  {column}: {meaning}{odd.get(column, '')}" for column, meaning in table["columns"].items()]
        lines += [f"  left out: {column} ({reason})" for column, reason in table["dropped"].items()]
    lines += ["", *(f"file left out: {path} (no task would read it)" for path in found.unused)]
    for task in found.tasks:
        lines.append(f"task {task.name} ({task.settings.get('kind')}): {task.reason}")
    if not found.tasks:
        lines.append(f"no column looks like something to predict: declare a task in {out}")
    if any(map(found.unread, found.tasks)):
        lines.append(f"beside a text, other columns are read only where inputs names them: see the comments in {out}")
    for name in found.nobody:
        lines.append(
            f"nobody was found in {name}, so nothing is recommended; if its rows say who did what, name user, "
            f"item and time in {out}"
        )
    return "\n".join([*lines, "", f"written: {out}; correct what it misunderstood", f"next: motet check {out}"])
