"""Train the arms of a run, one after the other, each resumable."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from motet.errors import ProjectError
from motet.features.soft import SoftLabels
from motet.registry import nearest
from motet.schema import AUTO, BlendConfig, CertifyConfig, RetrieveConfig
from motet.schema.search import SearchConfig
from motet.stages.estimating import pass_seconds
from motet.stages.fingerprint import fingerprint
from motet.stages.head_start import first_leg
from motet.stages.outcomes import Outcome, run_arm
from motet.stages.recording import prepare_records, recording
from motet.stages.same_run import check_same_project
from motet.stages.study import Study
from motet.stages.tutoring import tutored
from motet.stages.watching import Watch

NO_MATTER = {"certify": CertifyConfig(), "blend": BlendConfig(), "retrieve": RetrieveConfig(), "search": SearchConfig()}
"""Sections as they stand in the note of a run, since nothing in them changes what is trained."""


@dataclass(frozen=True)
class Arms:
    """All trained arms of a certification, per seed. tutored: what the joint models learned from the twins, by task."""

    joint: Sequence[Outcome]
    twins: Mapping[str, Sequence[Outcome]]
    work: Path
    tutored: Mapping[str, SoftLabels] = field(default_factory=dict)


def work_folder(out: Path) -> Path:
    """Return where a run keeps its checkpoints until it is packed: beside the artifact."""
    return out.with_name(f"{out.name}.work")


def run_one(
    study: Study, single: str | None, *, out: Path, resume: bool, watch: Watch, seed: int | None = None
) -> Outcome:
    """Train the joint model, or the single task named. seed: by default the project's."""
    if single is not None and single not in study.project.judged:
        known = list(study.project.judged)
        raise ProjectError(
            f"There is no task '{single}'; known: {', '.join(known)}.",
            nearest(single, known).strip() or "Choose one of these.",
        )
    work = prepare_work(study, out, resume=resume)
    arm, seed = single or "joint", study.project.train.seed if seed is None else seed
    leg = first_leg(study) if single is None else None
    order = [arm] if leg is None else [leg, arm]
    watch.planned([(each, seed) for each in order], study.project.train.epochs)
    _estimate(study, single, watch)
    minutes = study.project.train.minutes
    outcome: Outcome | None = None
    for each in order:
        with recording(study.project, out, each, seed, watch.listeners(each, seed)) as listeners:
            outcome = run_arm(
                study,
                each,
                seed,
                work=work,
                listeners=listeners,
                budget_seconds=None if minutes is None else 60 * minutes / len(order),
                first=outcome,
            )
        watch.trained(each, seed, outcome.seconds)
    assert outcome is not None
    return outcome


def run_arms(study: Study, *, out: Path, resume: bool, watch: Watch, seeds: Sequence[int] | None = None) -> Arms:
    """Train joint and twins with every seed, by default as many as the project compares."""
    work = prepare_work(study, out, resume=resume)
    if seeds is None:
        lowest = study.project.train.seed
        seeds = range(lowest, lowest + study.project.certify.seeds)
    # a single task shares with nobody: its twin is the joint model
    judged = tuple(study.project.judged)
    names = ("joint", *judged) if len(study.examples) > 1 else judged
    joins = names[0] == "joint"
    leg = first_leg(study) if joins else None
    by_twins = joins and study.project.train.tutors == "twins"
    order = [(arm, seed) for seed in seeds for arm in sorted(names, key=lambda arm: arm != leg)]
    if by_twins:  # tutors have to be there before those who learn from them
        order.sort(key=lambda each: each[0] == "joint")
    watch.planned(order, study.project.train.epochs)
    _estimate(study, None if "joint" in names else names[0], watch)
    found: dict[str, list[Outcome]] = {arm: [] for arm in names}
    for arm, seed in order:
        if arm == "joint" and by_twins and not study.tutored:
            study = replace(study, tutored=tutored(study, {task: found[task] for task in judged}))
        with recording(study.project, out, arm, seed, watch.listeners(arm, seed)) as listeners:
            first = found[leg][list(seeds).index(seed)] if arm == "joint" and leg is not None else None
            outcome = run_arm(study, arm, seed, work=work, listeners=listeners, first=first)
        found[arm].append(outcome)
        watch.trained(arm, seed, outcome.seconds)
    joint = found.pop("joint", None) or found[names[0]]
    return Arms(joint, found, work, study.tutored)


def _estimate(study: Study, task: str | None, watch: Watch) -> None:
    """Where the language model is trained, say how long that will take before it begins."""
    seconds = pass_seconds(study, task)
    if seconds is not None:
        watch.estimated(seconds, study.project.train.epochs)


def prepare_work(study: Study, out: Path, *, resume: bool) -> Path:
    """Return the folder in which a run works, empty unless the same run goes on.

    Raises DataError where a run would go on with data other than those it was begun with.
    """
    if "joint" in study.examples:
        raise ProjectError("A task is called 'joint', as the shared model is.", "Give the task another name.")
    resume = resume or bool(study.chosen)  # the folder was made ready before kinds were chosen in it
    prepare_records(study.project, out, resume=resume)
    work = work_folder(out)
    if not resume and work.exists():
        shutil.rmtree(work)
    # how many seeds are compared, who listens, and how lists are served changes no arm: what is there stays
    train = study.project.train.model_copy(update={"listeners": ()})
    declared = {section: getattr(study.project, section).model_copy(update={"kind": AUTO}) for section in study.chosen}
    same = study.project.model_copy(update={**NO_MATTER, "train": train, **declared})
    check_same_project(work, same.to_toml(), fingerprint(study))
    return work
