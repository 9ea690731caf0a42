"""Train features and model anew from all rows, old and new, where the running model fell too far behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from motet.artifact import open_folder
from motet.artifact.place import beside, put
from motet.data import Tables
from motet.evaluate import PairedDifference, Predictions, compare
from motet.features.labels import Labels
from motet.model.parts import read_model
from motet.schema import Project
from motet.stages.answer import answer
from motet.stages.arriving import Arrived, remembered
from motet.stages.comparing import Against, verdicts
from motet.stages.quality import Quality
from motet.stages.recent import deciding
from motet.stages.regained import Running
from motet.stages.study import Study
from motet.stages.updating import Updated, refuse, refused_at, told

Certify = Callable[[Project, Tables, Path, Callable[[Study], Study]], Study]
"""(project, tables, folder, what is noted in the study before it is packed) → the study that was certified."""


def retrain(
    arrived: Arrived, study: Study, running: Running, out: Path, *, quality: Mapping[str, Quality], certify: Certify
) -> Updated:
    """Certify anew on all rows, and take the result over unless it is worse than what runs, on the same questions.

    certify: trains and packs; the story of a run knows how. The folder is written beside `out` until that is decided.
    """
    noted = remembered(arrived, {}, fitted=True, more={})
    candidate = beside(out, "tmp")
    try:
        anew = certify(arrived.project, arrived.grown.tables, candidate, lambda made: replace(made, continued=noted))
        margin = arrived.project.certify.margin
        tasks = _against(anew, candidate, study, running, arrived, margin=margin)
        found = Updated(None, False, tasks, **told(arrived, running, study), retrained=True, quality=quality)
        if found.worse:
            refuse(out, found)
            return found
        old = put(candidate, out)
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
        refused_at(out).unlink(missing_ok=True)
        return replace(found, path=out, accepted=True)
    finally:
        shutil.rmtree(candidate, ignore_errors=True)


def _against(
    anew: Study, folder: Path, study: Study, running: Running, arrived: Arrived, *, margin: float
) -> dict[str, Against]:
    packed = open_folder(folder)
    served = read_model(packed, language=anew.project.project.language, device=torch.device(anew.tensors.device))
    found: dict[str, tuple[PairedDifference, str, int]] = {}
    for task, name in served.routes.items():
        if task not in running.served.routes:
            continue
        chosen, which = deciding(anew, arrived.grown, task)
        new = answer(anew, served.models[name], task, chosen)
        now = answer(running.before, running.model_of(task), task, chosen)
        labels = study.features.state.labels[task], anew.features.state.labels[task]
        found[task] = compare([new], [relabelled(now, *labels, like=new)]), which, len(chosen)
    return verdicts(anew, found, margin=margin)


def relabelled(now: Predictions, own: Labels, other: Labels, *, like: Predictions) -> Predictions:
    """Return answers over the classes, tags or levels of a model that was fitted later; unknown ones have nothing."""
    names = (own.classes or own.levels, other.classes or other.levels)
    if now.score is None or now.score.ndim < 2 or names[0] == names[1]:
        return replace(now, label=like.label)
    place = {name: at for at, name in enumerate(names[0])}
    at = np.array([place.get(name, -1) for name in names[1]])
    score = np.where(at >= 0, now.score[:, at], 0.0).astype(np.float32)
    return replace(now, score=score, label=like.label, levels_C=like.levels_C)
