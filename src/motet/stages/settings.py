"""Names in a project file that stand for something on a shelf or in the machine: whether it is there."""

from __future__ import annotations

from motet.errors import ProjectError
from motet.language.load import check_encoder
from motet.registry import Shelf, nearest
from motet.schema import AUTO, BalanceConfig, Project, SharingConfig, TrainConfig
from motet.stages.texts import has_texts


def check_settings(project: Project) -> None:
    """Raise ProjectError or MissingExtra where a setting names an encoder, strategy, balancer, metric or device that
    is not there, or is one that the chosen kind never looks at.

    No language model is loaded, and torch only for names that are not the defaults, which are always there.
    """
    if project.encoder.name is not None or has_texts(project):
        check_encoder(project.encoder, language=project.project.language, root=project.root)
    if any(task.metrics for task in project.tasks.values()):
        from motet.evaluate.metrics import find

        for name in (name for task in project.tasks.values() for name in task.metrics):
            find(name)
    if project.sharing.kind not in (AUTO, SharingConfig().kind):
        _shelf("sharing").get(project.sharing.kind)
    if project.balance.kind not in (AUTO, BalanceConfig().kind):
        _shelf("balance").get(project.balance.kind)
    _check_read("sharing", project.sharing, ("experts", "rank", "size", "valves"))
    _check_read("balance", project.balance, ("strength",))
    if project.balance.main is not None and project.balance.main not in project.tasks:
        known = list(project.tasks)
        hint = nearest(project.balance.main, known).strip() or "Name one of these."
        raise ProjectError(f"balance.main is '{project.balance.main}', no task; tasks: {', '.join(known)}.", hint)
    if project.train.device != TrainConfig().device:
        from motet.model.device import choose_device

        choose_device(project.train.device)


def _check_read(section: str, config: SharingConfig | BalanceConfig, options: tuple[str, ...]) -> None:
    """Raise ProjectError for an option that was changed and that the chosen kind never looks at."""
    usual = type(config)()
    changed = [name for name in options if getattr(config, name) != getattr(usual, name)]
    if not changed or config.kind == AUTO:
        return
    shelf = _shelf(section)
    for name in changed:
        if not _reads(shelf.get(config.kind), name):
            readers = [kind for kind in shelf.names() if _reads(shelf.get(kind), name)]
            raise ProjectError(
                f"{section}.{name} is {getattr(config, name)}, but {section}.kind is '{config.kind}', which does not "
                "look at it.",
                f"Remove {section}.{name}, or choose a kind that reads it: {', '.join(readers)}.",
            )


def _reads(kind: type, option: str) -> bool:
    """Whether a kind looks at an option: one that it says it reads, and valves wherever there is a shared trunk."""
    if option == "valves":
        from motet.model.sharing._base import SharedTrunk

        if issubclass(kind, SharedTrunk):
            return True
    return option in getattr(kind, "reads", ())


def _shelf(section: str) -> Shelf[type]:
    if section == "sharing":
        from motet.model.sharing import SHARING

        return SHARING
    from motet.train.balance import BALANCERS

    return BALANCERS
