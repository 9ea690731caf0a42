"""The main task learns first, alone; the others join it where it stands.

A ranking of many thousands of items takes thirty passes, a label of a text three. Started together, the quick ones
pull at a trunk that the slow one still needs for itself, and it never quite gets to where it comes alone. Started from
the main task's own trunk, all find the users' behaviour already learned (benchmarks/LOG.md). That first leg is the
main task's twin, which a certificate trains anyway: it costs nothing more there.
"""

from __future__ import annotations

from motet.model.assemble import MotetModel
from motet.model.shape import ModelShape
from motet.stages.study import Study


def main_task(study: Study, shape: ModelShape) -> str | None:
    """Return the task that the others serve: the project's, else the first ranking, else none."""
    if study.project.balance.main is not None:
        return study.project.balance.main
    return next((name for name in shape.judged if shape.tasks[name].output == "ranking"), None)


def first_leg(study: Study) -> str | None:
    """Return the task that the joint model learns alone at first; None where all start together."""
    shape = study.shape
    together = not study.project.train.head_start or len(shape.tasks) < 2 or shape.sharing.kind == "single"
    return None if together else main_task(study, shape)


def take_over(model: MotetModel, donor: MotetModel) -> None:
    """Give `model` all weights of `donor` that it has too, by name and shape."""
    own = model.state_dict()
    held = {name: value for name, value in donor.state_dict().items() if name in own and own[name].shape == value.shape}
    model.load_state_dict({**own, **held})
