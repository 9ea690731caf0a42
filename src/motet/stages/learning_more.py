"""New tasks on an old model, from end to end: declared, learned, certified, packed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from motet.artifact import Folder, open_folder
from motet.data import Tables, divide
from motet.errors import ArtifactError
from motet.evaluate import Evaluation
from motet.features.batch import FeatureArrays
from motet.model.inputs import to_tensors
from motet.model.parts import Served, check_weights, read_model
from motet.schema import Project
from motet.stages.adding import Added, How, add, against_before
from motet.stages.answer import answer, questions_of_role
from motet.stages.calibrating import calibrations, judged
from motet.stages.comparing import Against
from motet.stages.counts import data_counts
from motet.stages.declaring import check_columns, check_same_views, check_unread, with_tasks
from motet.stages.exampling import report, users_of_test
from motet.stages.fingerprint import fingerprint
from motet.stages.graphs import graphs_in
from motet.stages.grown import continued, project_of, read_grown, sources_of
from motet.stages.guarding import guard
from motet.stages.outcomes import Outcome
from motet.stages.packing import item_vectors, pack
from motet.stages.quality import certified_values
from motet.stages.regained import fitted_of
from motet.stages.running import work_folder
from motet.stages.same_run import check_same_project
from motet.stages.study import Study, make_study
from motet.stages.updating import refused_at
from motet.stages.watching import Watch


@dataclass(frozen=True)
class Extended:
    """What became of new tasks. added: by new task. others: the old ones, where the trunk learned on.

    path: None where the old tasks were harmed, so that nothing was written.
    """

    path: Path | None
    accepted: bool
    how: How
    added: Mapping[str, Added]
    others: Mapping[str, Against]
    evaluation: Evaluation | None = None

    @property
    def worse(self) -> list[str]:
        """The old tasks because of which the old model stays."""
        return [task for task, each in self.others.items() if each.worse]

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as plain JSON values; in an added task's row, `running` is learning alone."""
        added = {
            task: {**each.certificate.to_json(), "answered_by": "alone" if each.routed else "trunk"}
            for task, each in self.added.items()
        }
        return {
            "accepted": self.accepted,
            "path": None if self.path is None else str(self.path),
            "trunk": self.how,
            "added": added,
            "tasks": {task: each.to_json() for task, each in self.others.items()},
            "worse": self.worse,
        }


def learn_more(
    path: str | Path,
    file: str | Path,
    out: Path,
    *,
    how: How = "frozen",
    data: str | Path | None = None,
    resume: bool = False,
    watch: Watch | None = None,
) -> Extended:
    """Let a packed model learn the tasks of a file, and pack it into `out` where no old task is harmed.

    Raises LeakageError where the model has read the new labels as inputs, ProjectError for a file that does not fit.
    """
    watch, folder = watch or Watch(), open_folder(path)
    check_weights(folder)
    project, names = with_tasks(project_of(folder, data=data), file)
    study, served, tables = _prepared(folder, project_of(folder, data=data), project, names, watch)
    work = work_folder(out)
    if not resume:
        shutil.rmtree(work, ignore_errors=True)
    check_same_project(work, json.dumps([project.to_toml(), folder.manifest.created, how]), fingerprint(study))
    before, margin = served, project.certify.margin
    added: dict[str, Added] = {}
    for task in names:
        added[task] = one = add(study, served, task, how=how, margin=margin, work=work, watch=watch)
        models = {**served.models, one.name: one.outcome.model}
        served = replace(served, models=models, routes={**served.routes, task: one.name})
    others = against_before(study, before, served.models["joint"], margin=margin) if _moved(how, added) else {}
    found = Extended(None, False, how, added, others)
    if found.worse:
        refused_at(out).write_text(json.dumps(found.to_json(), indent=1, default=str) + "\n", encoding="utf-8")
    else:
        evaluation = _pack(folder, study, served, added, tables, out, how)
        found = replace(found, path=out, accepted=True, evaluation=evaluation)
    shutil.rmtree(work, ignore_errors=True)
    return found


def _moved(how: How, added: Mapping[str, Added]) -> bool:
    return how == "shared" and any(each.name == "joint" for each in added.values())


def _prepared(
    folder: Folder, before: Project, project: Project, names: list[str], watch: Watch
) -> tuple[Study, Served, Tables]:
    """The study of the old rows with the new tasks, with everything that the old model was fitted with."""
    check_columns(before, project)
    grown = read_grown(folder, project)
    served = read_model(folder, language=project.project.language, device=torch.device("cpu"))
    for task in names:
        check_unread(before, served.state, project.tasks[task])
    fitted = fitted_of(folder, project, served)
    division = divide(project, grown.tables)
    graphs = graphs_in(folder, project, division)
    study = make_study(division, on_progress=watch.preparing, fitted=fitted, graphs=graphs)
    guard(study)
    check_same_views(served.state, study.features.state)
    items = study.features.arrays.items
    if items is not None and served.items is not None and len(items.count) != len(served.items.count):
        raise ArtifactError(
            "The tables are not those that this model was trained on: they hold other items.",
            "Point --data at the original tables, or train again.",
        )
    if served.items is not None and items is not None and not served.tuned:
        arrays = replace(study.features.arrays, items=served.items)
        known = to_tensors(FeatureArrays(served.items, None, None, {}), study.tensors.device)
        study = replace(
            study,
            features=replace(study.features, arrays=arrays),
            tensors=replace(study.tensors, items=known.items),
        )
    models = {name: model.to(study.tensors.device) for name, model in served.models.items()}
    return study, replace(served, models=models), grown.tables


def fresh_outcomes(routes: Mapping[str, str], added: Mapping[str, Added], how: How) -> dict[str, Outcome]:
    """Return, by task, the outcome whose answers need a map of their own: of new tasks, and of those that moved.

    Where shared weights learned on, the last model answers all tasks of the joint one, whoever they were learned with.
    """
    fresh = {task: each.outcome for task, each in added.items()}
    last = [each.outcome for each in added.values() if each.name == "joint"][-1:]
    if how == "shared" and last:
        fresh |= {task: last[0] for task, name in routes.items() if name == "joint"}
    return fresh


def _pack(
    folder: Folder, study: Study, served: Served, added: Mapping[str, Added], tables: Tables, out: Path, how: How
) -> Evaluation:
    moved = fresh_outcomes(served.routes, added, how)
    fresh = {task: each for task, each in moved.items() if len(questions_of_role(study, task, "A"))}
    maps = {**served.calibration, **calibrations(study, fresh)}
    served = replace(
        served,
        state=study.features.state,
        items=study.features.arrays.items,
        memory=study.features.memory or served.memory,
        calibration=maps,
    )
    answers = {}
    for task, name in served.routes.items():
        chosen = questions_of_role(study, task, "test")
        answers[task] = answer(study, served.models[name], task, chosen, sliced=True)
    ranks = any(each.output == "ranking" for each in answers.values())
    evaluation = judged(study, answers, maps, item_vectors(study, served) if ranks else None)
    told = continued(folder)
    note = {
        **told,
        "from": folder.path.name,
        "updates": int(told.get("updates", 0)) + 1,
        "fitted": False,
        "sources": [source.to_json() for source in sources_of(folder)],
        "certified": certified_values(folder, study),
        "added": {task: each.certificate.to_json() for task, each in added.items()},
    }
    study = replace(study, continued=note)
    log = [
        {"arm": each.outcome.arm, "seed": each.outcome.seed, **row}
        for each in added.values()
        for row in each.outcome.log
    ]
    known, counts = folder.manifest, data_counts(study, tables)
    pack(study, served, evaluation, log, out, seed=known.seed, counts=counts, refit=known.refit)
    report(out, users_of_test(study), data=study.project.root)
    return evaluation
