"""Which tasks begin with the same representation."""

from __future__ import annotations

from motet.model.shape import ModelShape


def peers(shape: ModelShape) -> dict[str, tuple[str, ...]]:
    """Return, by task, the tasks that begin where it begins, itself included, in the order of the shape.

    They look through the same view; and rankings, which read the user's state, are apart from those that read the
    fused representation.
    """
    begins = {
        task: (each.view, each.output == "ranking" and "history" in shape.views[each.view].sources)
        for task, each in shape.tasks.items()
    }
    return {task: tuple(other for other in begins if begins[other] == begins[task]) for task in begins}
