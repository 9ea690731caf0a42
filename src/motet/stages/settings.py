"""Names in a project file that stand for something on a shelf or in the machine: whether it is there."""

from __future__ import annotations

from motet.errors import ProjectError
from motet.language.load import check_encoder
from motet.registry import nearest
from motet.schema import AUTO, BalanceConfig, Project, SharingConfig, TrainConfig
from motet.stages.texts import has_texts


def check_settings(project: Project) -> None:
    """Raise ProjectError or MissingExtra where a setting names an encoder, strategy, balancer, metric or device that
    is not there.

    No language model is loaded, and torch only for names that are not the defaults, which are always there.
    """
    if project.encoder.name is not None or has_texts(project):
        check_encoder(project.encoder, language=project.project.language, root=project.root)
    if any(task.metrics for task in project.tasks.values()):
        from motet.evaluate.metrics import find

        for name in (name for task in project.tasks.values() for name in task.metrics):
            find(name)
    if project.sharing.kind not in (AUTO, SharingConfig().kind):
        from motet.model.sharing import SHARING

        SHARING.get(project.sharing.kind)
    if project.balance.kind not in (AUTO, BalanceConfig().kind):
        from motet.train.balance import BALANCERS

        BALANCERS.get(project.balance.kind)
    if project.balance.main is not None and project.balance.main not in project.tasks:
        known = list(project.tasks)
        hint = nearest(project.balance.main, known).strip() or "Name one of these."
        raise ProjectError(f"balance.main is '{project.balance.main}', no task; tasks: {', '.join(known)}.", hint)
    if project.train.device != TrainConfig().device:
        from motet.model.device import choose_device

        choose_device(project.train.device)
