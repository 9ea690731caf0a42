"""motet certify: the main job. Every task alone and together, compared, repaired, packed."""

from __future__ import annotations

import time

from motet.cli.answer import Answer, Tone
from motet.cli.finished import chosen_lines, leftovers, places, whereabouts
from motet.cli.grid import duration
from motet.cli.options import Data, Out, ProjectFile, Resume, Settings, read_project
from motet.cli.verb import verb


@verb(
    "motet certify motet.toml --out runs/shop",
    "motet certify motet.toml --out runs/shop --data /data/shop --set certify.seeds=2",
    "motet certify motet.toml --out runs/shop --resume",
    "motet certify motet.toml --out runs/shop --json --quiet > certificate.json",
)
def certify(
    tone: Tone,
    project: ProjectFile,
    out: Out,
    data: Data = None,
    settings: Settings = None,
    resume: Resume = False,
) -> Answer:
    """Train every task alone and all together, certify and repair.

    Each task is trained as a twin of its own and as a part of the shared model, with the same data, budget and seeds.
    The certificate says per task whether sharing helped, with a confidence interval; a task that sharing harmed is
    repaired before the model folder is written.
    """
    from motet import workflow
    from motet.cli.watching import watching
    from motet.transfer import to_json

    declared, began = read_project(project, data, settings), time.monotonic()
    with watching(tone) as watch:
        result = workflow.certify(declared, out, resume=resume, watch=watch)
    seconds = time.monotonic() - began
    assert result.certificate is not None, "certify always returns a certificate"
    where = whereabouts(result.path, declared, result)
    text = f"{chosen_lines(result)}{result.certificate}\n\nin {duration(seconds)}\n{where}"
    return Answer(
        text,
        {
            **to_json(result.certificate),
            **places(result.path),
            **leftovers(result),
            "seconds": round(seconds, 3),
        },
    )
