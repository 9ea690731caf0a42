"""The same study under another strategy or balancer, and whether a strategy or balancer can be had at all."""

from __future__ import annotations

from dataclasses import replace

from motet.errors import MissingExtra, ProjectError
from motet.model.assemble import build
from motet.stages.arms import new_balancer
from motet.stages.study import Study


def with_kinds(study: Study, *, sharing: str | None = None, balance: str | None = None) -> Study:
    """Return the study with another kind of sharing or balance; whatever else these sections say stays."""
    project, shape = study.project, study.shape
    if sharing is not None:
        project = project.model_copy(update={"sharing": project.sharing.model_copy(update={"kind": sharing})})
        shape = replace(shape, sharing=replace(shape.sharing, kind=sharing))
    if balance is not None:
        project = project.model_copy(update={"balance": project.balance.model_copy(update={"kind": balance})})
    return replace(study, project=project, shape=shape)


def can_be_had(study: Study) -> bool:
    """Return whether the study's strategy and balancer fit its tasks, and their libraries are installed."""
    try:
        build(study.shape, seed=0)
        new_balancer(study, study.shape)
    except (MissingExtra, ProjectError):
        return False
    return True
