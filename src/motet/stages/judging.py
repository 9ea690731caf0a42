"""Judge a packed model again, on data read anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from motet.artifact import Folder, layout, open_folder
from motet.data import divide, read_tables
from motet.errors import ArtifactError, RequestError
from motet.evaluate import Evaluation, Predictions
from motet.features.batch import ItemArrays
from motet.features.state import FeatureState
from motet.model.parts import Served, check_weights, read_model
from motet.stages.answer import answers, questions_of_role
from motet.stages.calibrating import judged
from motet.stages.graphs import graphs_in
from motet.stages.grown import continued, project_of, read_grown
from motet.stages.regained import study_of
from motet.stages.study import Study, make_study

SPLITS = ("test", "valid")


def judge_folder(path: str | Path, *, split: str = "test", data: str | Path | None = None) -> Evaluation:
    """Return the evaluation of a packed model on a part of its project's data.

    data: where the tables are; by default where they were when the model was trained.
    Raises ArtifactError where the tables have changed so that the model's features no longer fit them.
    """
    check_split(split)
    folder, study, served = reread(path, data=data)
    found: dict[str, Predictions] = {}
    for name, model in served.models.items():
        tasks = [task for task, answering in served.routes.items() if answering == name]
        chosen = {task: questions_of_role(study, task, split) for task in tasks}  # type: ignore[arg-type]
        found |= answers(study, model, chosen, sliced=True)
    found = {task: found[task] for task in served.routes}
    vectors = folder.arrays(layout.VECTORS)["vectors"] if folder.has(layout.VECTORS) else None
    return judged(study, found, served.calibration, vectors)


def check_split(split: str) -> None:
    """Raise RequestError for a part of the data that nobody may be judged on."""
    if split not in SPLITS:
        raise RequestError(f"There is no split '{split}'; known: {', '.join(SPLITS)}.", "Use --split test.")


def reread(path: str | Path | Folder, *, data: str | Path | None = None) -> tuple[Folder, Study, Served]:
    """Return a packed model with its study, the tables read anew; raises as `judge_folder` does."""
    folder = path if isinstance(path, Folder) else open_folder(path)
    check_weights(folder)
    check_held_out(folder)
    project = project_of(folder, data=data)
    goes_on = continued(folder)
    if goes_on and not goes_on["fitted"]:
        study = study_of(folder, project, read_grown(folder, project))
    else:
        tables = read_grown(folder, project).tables if goes_on else read_tables(project)
        division = divide(project, tables)
        study = make_study(division, graphs=graphs_in(folder, project, division))
    served = read_model(folder, language=project.project.language, device=torch.device(study.tensors.device))
    same_items = _as_many if goes_on else _same_items
    if not _same(served.state, study.features.state) or not same_items(served.items, study.features.arrays.items):
        raise ArtifactError(
            "The tables are not those that this model was trained on: their features differ.",
            "Point --data at the original tables, or train again.",
        )
    return folder, study, served


def check_held_out(folder: Folder) -> None:
    """Raise RequestError for a model that has learned from the rows that it would be judged on."""
    if folder.manifest.refit:
        raise RequestError(
            f"'{folder.path.name}' was trained once more on all rows (train.refit), so none are left to judge it on.",
            "What it reached before stands in evaluation/metrics.json; to judge it anew, certify without train.refit.",
        )


def _same(packed: FeatureState, read: FeatureState) -> bool:
    """Whether two states were fitted on the same tables.

    Principal axes are left out: where two of them are about as wide, a last bit of arithmetic may turn them.
    """
    (fields, arrays), (other_fields, others) = packed.to_parts(), read.to_parts()
    if fields != other_fields or set(arrays) != set(others):
        return False
    for name, array in arrays.items():
        exact = np.issubdtype(array.dtype, np.integer)
        if exact and not np.array_equal(array, others[name]):
            return False
        if name.endswith("/mean") and not np.allclose(array, others[name], atol=1e-3 * float(np.abs(array).max())):
            return False
    return True


def _as_many(packed: ItemArrays | None, read: ItemArrays | None) -> bool:
    """Whether two catalogues hold as many items; how often each was seen may change as users are forgotten."""
    if packed is None or read is None:
        return packed is read
    return len(packed.count) == len(read.count)


def _same_items(packed: ItemArrays | None, read: ItemArrays | None) -> bool:
    """Whether two catalogues hold as many items, each as often seen."""
    if packed is None or read is None:
        return packed is read
    return np.array_equal(packed.count, read.count)
