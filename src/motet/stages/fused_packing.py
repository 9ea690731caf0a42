"""Put a fusion into a folder: its members whole, classic ones as arrays, one state of users, what it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from motet.artifact import Folder, Part, layout, write_folder
from motet.evaluate import Evaluation
from motet.evaluate.kept import answers_to_parts
from motet.recommend.classic import Classic
from motet.recommend.fused import FUSED, MEMBERS, FusedTask
from motet.stages.exampling import report, users_of_test
from motet.stages.fusing_members import ModelMember, kept_parts

REPORT = "evaluation/fusion"
"""JSON: what each way reached, and what each member adds."""


def pack_fused(
    models: Sequence[ModelMember],
    classics: Mapping[str, Classic],
    tasks: Mapping[str, FusedTask],
    evaluation: Evaluation,
    told: Mapping[str, Any],
    out: Path,
) -> Folder:
    """Write the fusion to `out`, and return the folder opened. told: the report, as `fuse` returns it."""
    first = models[0].folder
    parts: dict[str, Part] = {layout.PROJECT: first.text(layout.PROJECT)}
    shared = [name for name in first.names() if name.startswith(("state/", "index/items", "index/vectors"))]
    parts |= {name: first.data(name) for name in shared}
    named: dict[str, Any] = {}
    for number, model in enumerate(models):
        place = f"{MEMBERS}/m{number}"
        parts |= {f"{place}/{name}": model.folder.data(name) for name in kept_parts(model.folder)}
        parts[f"{place}/{layout.MANIFEST}"] = model.folder.manifest.to_bytes()
        named[model.name] = {"kind": "model", "part": place, "sha256": model.sha256}
    for name, each in classics.items():
        parts[f"{MEMBERS}/{name}"] = each.to_arrays()
        named[name] = {"kind": each.kind, "part": f"{MEMBERS}/{name}"}
    parts[FUSED] = {"members": named, "tasks": {name: task.to_json() for name, task in tasks.items()}}
    parts[REPORT] = dict(told)
    parts[layout.METRICS] = evaluation.to_json()
    parts[layout.SLICES] = evaluation.slices
    parts |= answers_to_parts(evaluation.answers)
    parts[layout.LOG] = pl.DataFrame({"arm": pl.Series([], dtype=pl.String)})
    manifest = first.manifest
    found = write_folder(
        out,
        parts,
        name=manifest.name,
        seed=manifest.seed,
        runtime="fused",
        data_root=manifest.data_root,
        encoder=manifest.encoder,
        tasks={task: next(m.folder.manifest.tasks[task] for m in models if task in m.served.routes) for task in tasks},
    )
    report(out, users_of_test(models[0].study), data=models[0].study.project.root)
    return found
