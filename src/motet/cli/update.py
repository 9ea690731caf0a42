"""motet update: a packed model goes on with new rows, or learns a new task; nothing worse takes over."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.grid import grid, kept_aside, number
from motet.cli.options import Data, ModelFolder, Resume
from motet.cli.verb import verb
from motet.errors import RequestError

if TYPE_CHECKING:
    from motet.stages.adding import How
    from motet.workflow import Extended, Updated

REFUSED = 3
"""The exit code of an update that would have made something worse: nothing is broken, and the old model goes on."""

Events = Annotated[
    Path | None, typer.Option("--events", metavar="FILE", help="New events, with the old ones' columns.")
]
RowsOf = Annotated[
    list[str] | None,
    typer.Option("--rows", metavar="TABLE=FILE", help="New rows of another table, for instance items. Repeatable."),
]
StoreAt = Annotated[
    str | None, typer.Option("--store", metavar="URL", help="A store whose log goes on: a file, a URL, or env:NAME.")
]
NewDir = Annotated[Path, typer.Option("--out", "-o", metavar="NEWDIR", help="Where the new model folder is written.")]
Auto = Annotated[bool, typer.Option("--auto", help="Train anew on all rows where the model fell too far behind.")]
AddTask = Annotated[
    Path | None,
    typer.Option("--add-task", metavar="FILE", help="A TOML file with [tasks.…] that the model learns too."),
]
TrunkOf = Annotated[
    str, typer.Option("--trunk", metavar="frozen|shared", help="For --add-task: whether the shared weights may move.")
]
Activate = Annotated[
    str | None,
    typer.Option("--activate", metavar="store|SERVER", help="Let an accepted model serve, on --store or at a service."),
]
KEY = "MOTET_KEY"


@verb(
    "motet update runs/shop --events new.csv --out runs/shop-2",
    "motet update runs/shop --events new.csv --rows items=items.csv --out runs/shop-2 --json",
    "motet update runs/shop --store shop.db --out runs/shop-2 --activate store",
    "motet update runs/shop --store shop.db --out runs/shop-2 --auto --activate http://127.0.0.1:8000",
    "motet update runs/shop --add-task department.toml --out runs/shop-2",
)
def update(
    tone: Tone,
    folder: ModelFolder,
    out: NewDir,
    events: Events = None,
    rows: RowsOf = None,
    store: StoreAt = None,
    data: Data = None,
    auto: Auto = False,
    add_task: AddTask = None,
    trunk: TrunkOf = "frozen",
    activate: Activate = None,
    resume: Resume = False,
) -> Answer:
    """Go on from a packed model with new rows, or teach it a new task, without starting over.

    The new model is compared with the running one on recent questions that neither learned from. Where a task became
    worse nothing is written but the reasons, beside NEWDIR, and the exit code is 3. A service's key is read from
    MOTET_KEY.
    """
    from motet import workflow
    from motet.cli.watching import watching

    check_activation(activate, store)
    check_adding(add_task, trunk, events, rows, store if activate != "store" else None)
    with watching(tone) as watch:
        if add_task is not None:
            how: How = "shared" if trunk == "shared" else "frozen"
            learned = workflow.add_tasks(folder, add_task, out, trunk=how, data=data, resume=resume, watch=watch)
        else:
            found = workflow.update(
                folder,
                out,
                events=events,
                rows=parse_rows(rows),
                store=store,
                data=data,
                auto=auto,
                resume=resume,
                watch=watch,
            )
    if add_task is not None:
        version = activated(learned.path, activate, store, data) if learned.accepted and activate else None
        told = {**learned.to_json(), "activated": version}
        return Answer(render_added(learned, version), told, 0 if not learned.worse else REFUSED)
    version = activated(found.path, activate, store, data) if found.accepted and activate else None
    return Answer(render(found, version), {**found.to_json(), "activated": version}, 0 if not found.worse else REFUSED)


def check_adding(file: Path | None, trunk: str, events: Path | None, rows: list[str] | None, store: str | None) -> None:
    """Raise RequestError where --add-task meets new rows, or a trunk of no known kind."""
    if trunk not in ("frozen", "shared"):
        raise RequestError(f"--trunk is frozen or shared, found '{trunk}'.", "Choose one of these.")
    if file is not None and (events is not None or rows or store is not None):
        raise RequestError(
            "A new task and new rows do not go together.", "Update with the rows first, then add the task."
        )


def parse_rows(rows: list[str] | None) -> dict[str, Path]:
    """Return the files by table of `items=new.csv`; raises RequestError for another form."""
    found = {}
    for each in rows or ():
        table, separator, path = each.partition("=")
        if not separator or not table or not path:
            raise RequestError(f"Expected TABLE=FILE, found '{each}'.", "For instance: --rows items=new_items.csv")
        found[table] = Path(path)
    return found


def check_activation(activate: str | None, store: str | None) -> None:
    """Raise RequestError, before any training, where an accepted model could not be activated."""
    if activate == "store" and store is None:
        raise RequestError("--activate store needs a store.", "Name it with --store URL.")
    if activate not in (None, "store") and not str(activate).startswith(("http://", "https://")):
        raise RequestError(f"'{activate}' is no place to activate a model in.", "Write store, or http://HOST:PORT.")


def activated(path: Path | None, activate: str, store: str | None, data: Path | None) -> str:
    """Let a model folder serve; return its version."""
    from motet.serve.activating import activate_at, activate_in_store

    assert path is not None
    if activate != "store":
        return activate_at(activate, path, key=os.environ.get(KEY))
    from motet.store import open_store

    assert store is not None
    with open_store(store) as opened:
        return activate_in_store(path, opened, data=data).version


def render(found: Updated, version: str | None = None) -> str:
    """Return the certificate against the running model, and what became of the update."""
    lines = []
    if found.quality:
        lines += [quality_table(found.quality), ""]
    if found.tasks:
        lines += [certificate_table({task: each.to_json() for task, each in found.tasks.items()}), ""]
    new = ", ".join(f"{number(count)} of {table}" for table, count in found.rows.items() if count)
    lines.append(f"new rows: {new or 'none'}" + (f"; new items: {number(found.new_items)}" if found.new_items else ""))
    if found.forgotten:
        lines.append(f"left out: {number(found.forgotten)} forgotten users")
    if found.quarantine is not None:
        lines.append(kept_aside(found.bad_rows, found.quarantine))
    if found.worse:
        lines.append(f"refused: worse than what runs in {', '.join(found.worse)}; the old model stays.")
    elif not found.accepted:
        lines.append("nothing new: the old model stays.")
    else:
        lines.append(f"accepted{', trained anew' if found.retrained else ''}: {found.path}")
    if version is not None:
        lines.append(f"activated: {version}")
    return "\n".join(lines)


def render_added(found: Extended, version: str | None = None) -> str:
    """Return what new tasks reach on the old trunk and alone, and what became of the others."""
    told = found.to_json()
    columns = ("running", "updated", "difference", "low", "high")
    rows = [
        [task, each["metric"], *(number(each[name]) for name in columns), each["verdict"], each["answered_by"]]
        for task, each in told["added"].items()
    ]
    heads = ("new task", "metric", "alone", "on the trunk", *columns[2:], "verdict", "answered by")
    lines = [grid(heads, rows, right=range(2, 7)), ""]
    if found.others:
        lines += [certificate_table(told["tasks"]), ""]
    elif found.accepted:
        lines.append("the other tasks answer as before.")
    if found.worse:
        lines.append(f"refused: worse than what runs in {', '.join(found.worse)}; try --trunk frozen.")
    else:
        lines.append(f"accepted: {found.path}")
    if version is not None:
        lines.append(f"activated: {version}")
    return "\n".join(lines)


def certificate_table(tasks: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a row per task: the running model, the new one, the difference with its interval, and the verdict."""
    columns = ("running", "updated", "difference", "low", "high")
    rows = [
        [
            task,
            each["metric"],
            *(number(each[name]) for name in columns),
            each["verdict"],
            each["asked"],
            number(each["questions"]),
        ]
        for task, each in tasks.items()
    ]
    heads = ("task", "metric", *columns, "verdict", "asked", "questions")
    return grid(heads, rows, right=(*range(2, 7), 9))


def quality_table(quality: Mapping[str, Any]) -> str:
    """Return a row per task: how the running model does on new rows, beside what was certified."""
    rows = [
        [
            f"{task}{' (main)' if each.main else ''}",
            each.metric,
            number(each.value),
            number(each.certified),
            number(each.ratio),
            number(each.questions),
            "train anew" if each.below else "",
        ]
        for task, each in quality.items()
    ]
    return grid(("task", "metric", "recent", "certified", "ratio", "questions", ""), rows, right=range(2, 6))
