"""One trial of a search: the joint model under some settings, judged on validation half A after every pass.

A trial is a short course, not a run: no head start, no twins, no test questions, and it ends when it is told to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

from motet.model.assemble import MotetModel
from motet.model.shape import shape_of
from motet.schema import Project
from motet.stages.arms import judge, new_balancer, new_model
from motet.stages.augmenting import plan_of
from motet.stages.mixing import shut
from motet.stages.softening import softener
from motet.stages.study import Study
from motet.train.loop import fit

Scores = Mapping[str, float]
"""Task → score on validation half A, larger is better."""
GoOn = Callable[[Scores], bool]
"""Told the scores after each pass; whether the trial is to go on."""
KEPT = 3
"""Studies that are kept for settings to come: a study costs more than a pass where texts are many."""
WITHOUT_FEATURES: Mapping[str, set[str]] = {
    "trunk": {"layers", "heads", "dropout"},
    "train": {"batch", "device"},
}
"""In trunk, the settings that no feature depends on; in train, those that are all that a study depends on."""


class Trainer(Protocol):
    """Trains under a project's settings until it is done, or `go_on` says no."""

    def __call__(self, project: Project, go_on: GoOn) -> None:
        """Raise MotetError where the settings do not fit together."""
        ...


class _Enough(Exception):  # noqa: N818 - it is no error
    """A trial has been told to end."""


class StudyTrainer:
    """Trains on studies, each made once for all settings that its features do not depend on."""

    def __init__(self, make: Callable[[Project], Study], first: Study | None = None) -> None:
        self._make = make
        self._studies: dict[str, Study] = {} if first is None else {features_key(first.project): first}

    def __call__(self, project: Project, go_on: GoOn) -> None:
        """Train; raises as making a study and fitting do."""
        study = self._study(project)
        shape = study.shape
        scores = judge(study, shape)

        def judged(model: MotetModel) -> dict[str, float]:
            found = scores(model)
            if not go_on(found):
                raise _Enough
            return found

        config = project.train.model_copy(update={"minutes": None, "watch": 0, "listeners": ()})
        with suppress(_Enough):
            fit(
                shut(new_model(study, shape, seed=config.seed)),
                study.plan,
                study.tensors,
                new_balancer(study, shape),
                judged,
                config=config,
                seed=config.seed,
                soften=softener(study, shape),
            )

    def _study(self, project: Project) -> Study:
        key = features_key(project)
        found = self._studies.pop(key, None) or self._make(project)
        self._studies[key] = found
        while len(self._studies) > KEPT:
            del self._studies[next(iter(self._studies))]
        return under(found, project)


def under(study: Study, project: Project) -> Study:
    """Return a study under settings that its features do not depend on."""
    plan = plan_of(project, study.division, study.features)
    return replace(study, project=project, shape=shape_of(project, study.features), plan=plan)


def features_key(project: Project) -> str:
    """Return what the features of a project depend on, as text."""
    content: dict[str, Any] = project.model_dump(mode="json")
    for section in ("augment", "sharing", "balance", "certify", "calibrate", "blend", "explain", "search"):
        content.pop(section, None)
    content["trunk"] = {
        name: value for name, value in content["trunk"].items() if name not in WITHOUT_FEATURES["trunk"]
    }
    content["train"] = {name: value for name, value in content["train"].items() if name in WITHOUT_FEATURES["train"]}
    return repr(sorted(content.items()))


def best_of(course: Sequence[Scores], worth: Callable[[Scores, Scores], float]) -> Scores:
    """Return the scores of the snapshot that training would keep. worth: (scores, reference) → how much better."""
    best = course[0]
    for scores in course[1:]:
        if worth(scores, best) > 0:
            best = scores
    return best
