"""An update from end to end: go on, compare with what runs, and pack it only where nothing became worse."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from motet.evaluate import Evaluation, Predictions
from motet.model.parts import Served
from motet.stages.answer import answer, questions_of_role
from motet.stages.arriving import Arrived, remembered
from motet.stages.calibrating import calibrations, judged
from motet.stages.comparing import Against, against_running
from motet.stages.continuing import Going, go_on
from motet.stages.counts import data_counts
from motet.stages.exampling import report, users_of_test
from motet.stages.fingerprint import fingerprint
from motet.stages.outcomes import Outcome
from motet.stages.packing import item_vectors, pack
from motet.stages.quality import Quality, certified_values
from motet.stages.recent import deciding
from motet.stages.regained import Running, running_in, study_of
from motet.stages.replaying import replay_plan
from motet.stages.running import work_folder
from motet.stages.same_run import check_same_project
from motet.stages.study import Study
from motet.stages.watching import Watch


@dataclass(frozen=True)
class Updated:
    """What became of an update.

    path: the new folder, None where it was refused or nothing was new. accepted: whether it was written. tasks: the
    certificate against the running model. rows: by table, how many were new. new_items, forgotten: how many items came,
    and how many users stayed out. retrained: whether features and model were trained anew. quality: on new rows, where
    it was asked. bad_rows, quarantine: how many new rows were kept aside, and the file that lists them.
    """

    path: Path | None
    accepted: bool
    tasks: Mapping[str, Against] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    new_items: int = 0
    forgotten: int = 0
    retrained: bool = False
    quality: Mapping[str, Quality] = field(default_factory=dict)
    bad_rows: int = 0
    quarantine: Path | None = None
    evaluation: Evaluation | None = None

    @property
    def worse(self) -> list[str]:
        """The tasks because of which the old model stays."""
        return [task for task, each in self.tasks.items() if each.worse]

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as plain JSON values."""
        return {
            "accepted": self.accepted,
            "path": None if self.path is None else str(self.path),
            "tasks": {task: each.to_json() for task, each in self.tasks.items()},
            "worse": self.worse,
            "rows": dict(self.rows),
            "new_items": self.new_items,
            "forgotten": self.forgotten,
            "retrained": self.retrained,
            "quality": {task: each.to_json() for task, each in self.quality.items()},
            "bad_rows": self.bad_rows,
            "quarantine": None if self.quarantine is None else str(self.quarantine),
        }


def told(arrived: Arrived, running: Running | None = None, study: Study | None = None) -> dict[str, Any]:
    """Return what is said of every update, whatever becomes of it."""
    new_items = 0
    if running is not None and study is not None and running.served.items is not None:
        assert study.features.arrays.items is not None
        new_items = len(study.features.arrays.items.count) - len(running.served.items.count)
    return {
        "rows": arrived.grown.rows,
        "new_items": max(0, new_items),
        "forgotten": arrived.grown.forgotten,
        "bad_rows": arrived.grown.aside.height,
        "quarantine": arrived.aside,
    }


def prepare_update(arrived: Arrived, *, watch: Watch) -> tuple[Study, Running]:
    """Return the study of a model's grown rows, and the running model in it."""
    study = study_of(arrived.folder, arrived.project, arrived.grown, on_progress=watch.preparing)
    return study, running_in(arrived.folder, study)


def run_update(arrived: Arrived, study: Study, running: Running, out: Path, *, resume: bool, watch: Watch) -> Updated:
    """Train on, compare, and pack into `out` unless a task became worse; what is refused leaves its reasons beside."""
    work = work_folder(out)
    if not resume:
        shutil.rmtree(work, ignore_errors=True)
    same = [arrived.project.to_toml(), [each.to_json() for each in arrived.grown.sources], str(arrived.grown.rows)]
    check_same_project(work, json.dumps(same), fingerprint(study))
    update = arrived.project.update
    plan, news = replay_plan(study, arrived.grown, replay=update.replay, seed=arrived.project.train.seed)
    made = go_on(study, running, Going(plan, news, work, watch))
    margin = arrived.project.certify.margin
    tasks = against_running(
        study, arrived.grown, running, {name: each.model for name, each in made.items()}, margin=margin
    )
    found = Updated(None, False, tasks, **told(arrived, running, study))
    if found.worse:
        refuse(out, found)
        shutil.rmtree(work, ignore_errors=True)
        return found
    more = {"tasks": {task: each.to_json() for task, each in tasks.items()}}
    kept = remembered(arrived, certified_values(arrived.folder, study), fitted=False, more=more)
    study = replace(study, continued=kept)
    evaluation = pack_updated(arrived, study, running.served, made, out)
    refused_at(out).unlink(missing_ok=True)
    shutil.rmtree(work, ignore_errors=True)
    return replace(found, path=out, accepted=True, evaluation=evaluation)


def pack_updated(arrived: Arrived, study: Study, before: Served, made: Mapping[str, Outcome], out: Path) -> Evaluation:
    """Write the models that answer from now on, with their calibration, their report and the grown state of users."""
    first = {task: made[name] for task, name in before.routes.items()}
    fittable = {task: each for task, each in first.items() if len(questions_of_role(study, task, "A"))}
    maps = {**before.calibration, **calibrations(study, fittable)}
    served = Served(
        {name: each.model for name, each in made.items()},
        before.routes,
        study.features.state,
        study.features.arrays.items,
        study.features.memory,
        maps,
    )
    answers = {}
    for task, outcome in first.items():
        if len(questions_of_role(study, task, "test")):
            answers[task] = outcome.answers[task]["test"]
        else:
            answers[task] = old_answers(study, arrived, outcome, task)
    ranks = any(each.output == "ranking" for each in answers.values())
    evaluation = judged(study, answers, maps, item_vectors(study, served) if ranks else None)
    log = [{"arm": each.arm, "seed": each.seed, **row} for each in made.values() for row in each.log]
    counts = data_counts(study, arrived.grown.tables)
    known = arrived.folder.manifest
    pack(study, served, evaluation, log, out, seed=arrived.project.train.seed, counts=counts, refit=known.refit)
    report(out, users_of_test(study), data=study.project.root)
    return evaluation


def old_answers(study: Study, arrived: Arrived, outcome: Outcome, task: str) -> Predictions:
    """Return answers about rows that were trained on, for a task of which nothing is held out."""
    chosen, _ = deciding(study, arrived.grown, task)
    return answer(study, outcome.model, task, chosen, sliced=True)


def refused_at(out: Path) -> Path:
    """Return where a refused update leaves its reasons: beside the folder that was not written."""
    return out.with_name(f"{out.name}.refused.json")


def refuse(out: Path, found: Updated) -> None:
    """Write why an update was refused; the folder itself is not written."""
    staged = out.with_name(f"{out.name}.refused.part")
    staged.write_text(json.dumps(found.to_json(), indent=1, default=str) + "\n", encoding="utf-8")
    staged.replace(refused_at(out))
