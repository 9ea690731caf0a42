"""Judge a fused folder again: its members are read with their data, and mixed as they serve."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from motet.artifact import Folder, layout, open_folder
from motet.evaluate import Evaluation, Predictions
from motet.recommend.classic import from_arrays
from motet.recommend.fused import FUSED, FusedTask, member_folder
from motet.recommend.fusion import RankingMix
from motet.stages.answer import questions_of_role, slices_of
from motet.stages.calibrating import judged
from motet.stages.fusing import listed_members, questions_of
from motet.stages.fusing_answers import answered
from motet.stages.fusing_lists import ranked_by
from motet.stages.fusing_members import ModelMember
from motet.stages.judging import check_split, judge_folder, reread


def judge_any(path: str | Path, *, split: str = "test", data: str | Path | None = None) -> Evaluation:
    """Return the evaluation of a packed model or of a fusion; see `judge_folder`."""
    check_split(split)
    folder = open_folder(path)
    if folder.manifest.runtime == "fused":
        return judge_fused(folder, split=split, data=data)
    return judge_folder(path, split=split, data=data)


def judge_fused(folder: Folder, *, split: str, data: str | Path | None = None) -> Evaluation:
    """Return the evaluation of a fusion on a part of its project's data; raises as `judge_folder` does."""
    told = folder.json(FUSED)
    models = {
        name: ModelMember(name, *reread(member_folder(folder, each["part"]), data=data))
        for name, each in told["members"].items()
        if each["kind"] == "model"
    }
    study = next(iter(models.values())).study
    found: dict[str, Predictions] = {}
    maps = {}
    for task, fields in told["tasks"].items():
        fused = FusedTask.from_json(fields)
        owners = [models[name] for name in fused.members if name in models]
        chosen = questions_of_role(owners[0].study, task, split)  # type: ignore[arg-type]
        maps[task] = fused.calibration
        if not isinstance(fused.mix, RankingMix):
            found[task] = answered(fused.mix, [each.predictions(task, chosen, sliced=True) for each in owners])
            continue
        num_items = study.shape.num_items
        classics = {
            name: from_arrays(told["members"][name]["kind"], folder.arrays(told["members"][name]["part"]), num_items)
            for name in fused.members
            if name not in models
        }
        questions = questions_of(owners[0], task, chosen)
        ranked = ranked_by({"fused": fused.mix}, listed_members(owners, classics, task), questions, listing="fused")
        found[task] = Predictions(
            owners[0].study.project.tasks[task],
            "ranking",
            questions.unit_n,
            rank_n=ranked.rank["fused"],
            top_nK=ranked.top_nK,
            num_items=num_items,
            target_n=questions.target_n,
            slices=slices_of(owners[0].study, task, chosen),
        )
    vectors = folder.arrays(layout.VECTORS)["vectors"] if folder.has(layout.VECTORS) else None
    return judged(study, found, maps, None if vectors is None else np.asarray(vectors))
