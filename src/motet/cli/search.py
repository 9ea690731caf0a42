"""motet search: try settings within a budget, and write the best project file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.grid import grid
from motet.cli.options import Data, ProjectFile, Settings, read_project
from motet.cli.verb import verb

if TYPE_CHECKING:
    from motet.stages.best import Searched

Budget = Annotated[str, typer.Option("--budget", help="How long it may take: 90s, 30m, 2h.")]
Trials = Annotated[
    int | None,
    typer.Option("--trials", metavar="N", help="How many trials at most; the first is the project as it is."),
]
Sampler = Annotated[str | None, typer.Option("--sampler", help="How settings are chosen: tpe, random or grid.")]
Jobs = Annotated[int, typer.Option("--jobs", metavar="N", help="How many trials run side by side, each in a process.")]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where the search keeps its trials and files.")]


@verb(
    "motet search motet.toml --budget 30m --out runs/search",
    "motet search motet.toml --budget 2h --jobs 2 --data /data/shop --out runs/search",
    "motet search motet.toml --trials 20 --sampler random --out runs/search --json --quiet",
    "motet certify runs/search/best.toml --out runs/best",
)
def search(
    tone: Tone,
    project: ProjectFile,
    out: Out,
    budget: Budget = "30m",
    trials: Trials = None,
    sampler: Sampler = None,
    jobs: Jobs = 1,
    data: Data = None,
    settings: Settings = None,
) -> Answer:
    """Try settings within a budget, and write the best project file.

    What may be tried stands in [search.space] of the project file, else a small space around its own settings. Trials
    are judged on validation half A alone, the project's own settings first; bad ones end early. A search into the same
    folder goes on where the last one stopped. The folder then holds best.toml, for certify, and search.html.
    """
    from motet import workflow
    from motet.cli.watching import watching

    given = [*(settings or ()), *([f"search.sampler={sampler}"] if sampler else ())]
    declared = read_project(project, data, given)
    with watching(tone) as watch:
        found = workflow.search(declared, out, budget=budget, trials=trials, jobs=jobs, watch=watch)
    return Answer(render(found), told(found))


def told(found: Searched) -> dict[str, Any]:
    """Return what was found as JSON values; the trials stand in the folder."""
    record: Mapping[str, Any] = found.record
    kept = ("objective", "sampler", "passes", "best", "gain", "changes", "importance")
    files = {"path": str(found.path), "project": str(found.path / "best.toml"), "page": str(found.path / "search.html")}
    return {**{name: record[name] for name in kept}, "trials": len(record["trials"]), **files}


def render(found: Searched) -> str:
    """Return what changes, what it gained, and what to try next."""
    record = found.record
    scored = sum(trial["score"] is not None for trial in record["trials"])
    lines = [f"{scored} of {len(record['trials'])} trials came to a score; at most {record['passes']} passes each."]
    if record["changes"]:
        rows = [[key, _shown(each["from"]), _shown(each["to"])] for key, each in record["changes"].items()]
        gain = f"trial {record['best']} is {100 * record['gain']:+.2f} % against the project's own settings"
        lines += ["", grid(("key", "from", "to"), rows, right=(1, 2)), "", f"{gain}, on validation half A."]
    else:
        lines.append("nothing better than the project's own settings was found.")
    if record["importance"]:
        most = sorted(record["importance"].items(), key=lambda pair: -pair[1])[:3]
        lines.append(f"what mattered most: {', '.join(f'{key} {100 * share:.0f} %' for key, share in most)}")
    lines += [f"page: {found.path / 'search.html'}", f"next: motet certify {found.path / 'best.toml'} --out runs/best"]
    return "\n".join(lines)


def _shown(value: Any) -> str:
    if value is None:
        return "chosen by itself"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
