"""Fuse models and classic recommenders into one folder: fit on validation half A, judge on test, say what each adds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from motet.errors import RequestError
from motet.evaluate import Predictions, compare, find
from motet.evaluate.calibrators import calibrate
from motet.recommend.calibrated import NONE
from motet.recommend.classic import Classic
from motet.recommend.fused import FusedTask
from motet.recommend.fusion import AnswerMix
from motet.stages.answer import questions_of_role, slices_of
from motet.stages.apart import check_apart
from motet.stages.calibrating import high_of, judged
from motet.stages.fused_packing import pack_fused
from motet.stages.fusing_answers import FittedAnswers, answered, fit_answer_ways
from motet.stages.fusing_lists import (
    CHOOSING,
    Candidates,
    Fitted,
    Questions,
    RankingMember,
    best_way,
    candidates_of,
    fit_ways,
    mix_of,
    ranked_by,
    spreads_of,
    tempered,
)
from motet.stages.fusing_members import (
    ListedClassic,
    ListedModel,
    ModelMember,
    fit_classics,
    histories_of,
    read_members,
)
from motet.stages.packing import item_vectors

Method = Literal["vote", "mean", "stack"]
METHODS: tuple[Method, ...] = ("vote", "mean", "stack")
OnTask = Callable[[str], None]


@dataclass(frozen=True)
class FusedOutcome:
    """One task of a fusion. test: its answers to the test questions. report: see `fuse`."""

    task: FusedTask
    test: Predictions
    report: Mapping[str, Any]


def fuse(
    paths: Sequence[str | Path],
    out: str | Path,
    *,
    members: Sequence[str] = (),
    method: Method = "stack",
    data: str | Path | None = None,
    on_task: OnTask | None = None,
) -> dict[str, Any]:
    """Fuse the models at `paths`, and classic recommenders for lists by name, into a folder at `out`.

    Returns {"path", "method", "members", "tasks": {task: {"metric", "chosen", "best_member", "questions", "members":
    {name: {"valid", "test", "adds"}}, "ways": {name: valid}, "methods": {method: {"way", "valid", "test",
    "against_best_member"}}, "gain"}}}. adds: what the test metric loses without the member, the same way fitted to the
    others. gain: against the member that is best on half A. Both hold difference, low and high: 95 %, by users or rows.
    Raises RequestError where models do not answer the same questions, or a member cannot take part.
    """
    if method not in METHODS:
        raise RequestError(f"There is no method '{method}'; known: {', '.join(METHODS)}.", "Use stack.")
    out = check_apart(out, *paths)
    models = read_members(paths, data=data)
    study = models[0].study
    rankings = [task for task in models[0].served.routes if study.features.state.labels[task].output == "ranking"]
    if members and not rankings:
        raise RequestError("Classic members rank items, and these models have no ranking.", "Leave --members away.")
    tasks = list(dict.fromkeys(task for model in models for task in model.served.routes))
    classics: Mapping[str, Classic] = {}
    outcomes: dict[str, FusedOutcome] = {}
    for task in tasks:
        if on_task is not None:
            on_task(task)
        owners = [model for model in models if task in model.served.routes]
        if owners[0].study.features.state.labels[task].output != "ranking":
            outcomes[task] = fuse_answers(owners, task, method)
            continue
        if task == rankings[0] and members:
            classics = fit_classics(list(dict.fromkeys(members)), study.examples[task], study.division)
        outcomes[task] = fuse_lists(owners, classics if task == rankings[0] else {}, task, method)
    maps = {task: each.task.calibration for task, each in outcomes.items()}
    vectors = item_vectors(study, models[0].served) if rankings else None
    evaluation = judged(study, {task: each.test for task, each in outcomes.items()}, maps, vectors)
    told = {
        "method": method,
        "members": [*(model.name for model in models), *classics],
        "tasks": {task: dict(each.report) for task, each in outcomes.items()},
    }
    pack_fused(models, classics, {task: each.task for task, each in outcomes.items()}, evaluation, told, out)
    return {"path": str(out), **told}


def questions_of(model: ModelMember, task: str, at: NDArray[np.int64]) -> Questions:
    """Return the questions at these positions of a ranking's examples."""
    study, examples = model.study, model.study.examples[task]
    return Questions(
        at,
        examples.label.gather(at).to_numpy().astype(np.int64),
        examples.unit.gather(at).to_numpy().astype(str),
        histories_of(examples, study.division),
        getattr(study.project.tasks[task], "repeats", "mask") == "mask",
        study.shape.num_items,
    )


def listed_members(owners: Sequence[ModelMember], classics: Mapping[str, Classic], task: str) -> list[RankingMember]:
    """Return the members of a ranking, models first."""
    study = owners[0].study
    listed: list[RankingMember] = [ListedModel(model, task) for model in owners]
    return [
        *listed,
        *(ListedClassic(name, each, study.examples[task], study.division) for name, each in classics.items()),
    ]


def fuse_lists(
    owners: Sequence[ModelMember], classics: Mapping[str, Classic], task: str, method: Method
) -> FusedOutcome:
    """Return a fused ranking."""
    study, metric = owners[0].study, owners[0].study.project.tasks[task].primary
    listed = listed_members(owners, classics, task)
    names = [each.name for each in listed]
    choosing = questions_of(owners[0], task, questions_of_role(study, task, "A", most=CHOOSING))
    spreads = spreads_of(listed, choosing)
    known = candidates_of(listed, spreads, choosing)
    ways = {each: fit_ways(known, names, each) for each in METHODS}
    best = {each: best_way(ways[each]) for each in METHODS}
    chosen = best[method]
    alone = dict(zip(names, ways["mean"], strict=False))
    without = {name: _without(known, names, name, chosen, method) for name in names} if len(names) > 1 else {}
    mixes = {f"way {each}": mix_of(way, spreads, known) for each, way in best.items()}
    mixes |= {f"without {name}": mix_of(way, spreads, known) for name, way in without.items()}
    final = tempered(mix_of(chosen, spreads, known), listed, choosing)
    asked = questions_of(owners[0], task, questions_of_role(study, task, "test"))
    found = ranked_by(mixes, listed, asked, listing=f"way {method}")
    base = Predictions(
        study.project.tasks[task],
        "ranking",
        asked.unit_n,
        num_items=asked.num_items,
        target_n=asked.target_n,
        slices=slices_of(study, task, asked.at),
    )
    tested = {name: replace(base, rank_n=rank) for name, rank in found.rank.items()}
    test = replace(tested[f"way {method}"], top_nK=found.top_nK)
    report = _report(
        metric,
        chosen.name,
        {name: way.gain for name, way in alone.items()},
        {each: (way.name, way.gain) for each, way in best.items()},
        {way.name: way.gain for each in ("vote", method) for way in ways[each]},
        tested,
        method=method,
        questions=(len(choosing.at), len(asked.at)),
    )
    return FusedOutcome(FusedTask(tuple(names), final), test, report)  # the mix has its own temperature


def fuse_answers(owners: Sequence[ModelMember], task: str, method: Method) -> FusedOutcome:
    """Return the fused answers to a task that is no ranking."""
    study, names = owners[0].study, [model.name for model in owners]
    at = {role: questions_of_role(study, task, role) for role in ("A", "test")}
    valid = [model.predictions(task, at["A"]) for model in owners]
    asked = [model.predictions(task, at["test"], sliced=True) for model in owners]
    ways = {each: fit_answer_ways(valid, names, each) for each in METHODS}
    best = {each: max(ways[each] or ways["stack"], key=lambda way: way.value) for each in METHODS}
    chosen = best[method]
    sign = -1.0 if find(study.project.tasks[task].primary).lower_is_better else 1.0
    tested = {f"way {each}": answered(way.mix, asked) for each, way in best.items()}
    tested |= {f"member {name}": each for name, each in zip(names, asked, strict=True)}
    for place, name in enumerate(names if len(names) > 1 else []):
        rest = [other for other in range(len(names)) if other != place]
        mix = _without_answers(valid, names, rest, chosen, method)
        tested[f"without {name}"] = answered(mix, [asked[other] for other in rest])
    report = _report(
        study.project.tasks[task].primary,
        chosen.name,
        {name: sign * way.value for name, way in zip(names, ways["mean"], strict=False)},
        {each: (way.name, sign * way.value) for each, way in best.items()},
        {way.name: sign * way.value for each in ("vote", method) for way in ways[each]},
        tested,
        method=method,
        questions=(len(at["A"]), len(at["test"])),
    )
    mixed = answered(chosen.mix, valid)
    settings, labels = study.project.calibrate, study.features.state.labels[task]
    map = NONE if settings.kind == "off" else calibrate(mixed, level=settings.level, log=labels.log)
    if settings.kind != "off" and study.examples[task].kind == "rating" and labels.output == "ordinal":
        map = replace(high_of(study, task, mixed), interval=map.interval)
    return FusedOutcome(FusedTask(tuple(names), chosen.mix, map), tested[f"way {method}"], report)


def _without(known: Candidates, names: Sequence[str], gone: str, chosen: Fitted, method: Method) -> Fitted:
    """The same way fitted to the other members; where that was one member alone, the best of the others."""
    rest = [at for at, name in enumerate(names) if name != gone]
    fewer = replace(known, x_nCMF=known.x_nCMF[:, :, rest])
    way = best_way(fit_ways(fewer, [names[at] for at in rest], method, only=chosen.name))
    weight, slope = (np.zeros_like(chosen.weight_MF) for _ in range(2))
    weight[rest], slope[rest] = way.weight_MF, way.slope_MF
    return Fitted(way.name, weight, slope, way.gain)


def _without_answers(
    valid: Sequence[Predictions], names: Sequence[str], rest: Sequence[int], chosen: FittedAnswers, method: Method
) -> AnswerMix:
    ways = fit_answer_ways([valid[at] for at in rest], [names[at] for at in rest], method, only=chosen.name)
    return max(ways, key=lambda way: way.value).mix if ways else AnswerMix(np.ones(1))


def _report(
    metric: str,
    chosen: str,
    alone: Mapping[str, float],
    best: Mapping[str, tuple[str, float]],
    ways: Mapping[str, float],
    tested: Mapping[str, Predictions],
    *,
    method: Method,
    questions: tuple[int, int],
) -> dict[str, Any]:
    judge = find(metric)
    fused = tested[f"way {method}"]
    first = (min if judge.lower_is_better else max)(alone, key=lambda name: alone[name])

    def against(other: Predictions) -> dict[str, float | None]:
        return _apart(metric, fused, other)

    return {
        "metric": metric,
        "chosen": chosen,
        "best_member": first,
        "questions": {"valid": questions[0], "test": questions[1]},
        "members": {
            name: {
                "valid": alone[name],
                "test": judge.value(tested[f"member {name}"]),
                "adds": against(tested[f"without {name}"]) if f"without {name}" in tested else None,
            }
            for name in alone
        },
        "ways": dict(ways),
        "methods": {
            each: {
                "way": name,
                "valid": value,
                "test": judge.value(tested[f"way {each}"]),
                "against_best_member": _apart(metric, tested[f"way {each}"], tested[f"member {first}"]),
            }
            for each, (name, value) in best.items()
        },
        "gain": against(tested[f"member {first}"]),
    }


def _apart(metric: str, one: Predictions, other: Predictions) -> dict[str, float | None]:
    found = compare([one], [other], metric=metric)
    low, high = found.interval()
    told = {"difference": found.difference, "low": low, "high": high}
    return {name: value if math.isfinite(value) else None for name, value in told.items()}
