"""Groups of weights for the optimiser: how fast each kind learns, how hard it decays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from motet.model.assemble import MotetModel
from motet.model.names import module_name
from motet.model.sharing._valves import Valves


@dataclass(frozen=True)
class Kind:
    """rate: a multiple of the learning rate. decay: weight decay, None for the project's."""

    rate: float = 1.0
    decay: float | None = None


LANGUAGE = "language"
"""Weights of a language model: they have a learning rate of their own."""
KINDS: Mapping[str, Kind] = {
    "ngrams": Kind(1.5, 1.0),
    "corrections": Kind(2.0, 0.3),
    "tables": Kind(),
    "vectors": Kind(decay=0.0),
    "matrices": Kind(),
    LANGUAGE: Kind(),
}
"""Decay of 1 at rate 3e-3 is the recipe under which hashed n-grams generalise. Items' corrections start at zero and are
touched rarely: they learn twice as fast, and decay, or they would memorise ratings (benchmarks/LOG.md). Vectors do not
decay."""


def parameter_groups(
    model: nn.Module, *, learning_rate: float, weight_decay: float, crowding: bool = True
) -> list[dict[str, Any]]:
    """Return groups for an optimiser, each with its kind as `name`.

    crowding: whether weights that K tasks train learn √K times as fast. An adaptive optimiser's step has a length of
    its own, whatever the gradients' sum: of K unrelated gradients each moves the weights 1/√K as far as it would alone,
    and a shared model falls behind its twins (benchmarks/LOG.md). What decays, decays as fast as in a twin.
    """
    tasks_of = crowds(model) if crowding and isinstance(model, MotetModel) else {}
    groups: dict[tuple[str, int], list[nn.Parameter]] = {}
    for full, parameter in model.named_parameters():
        key = kind_of(_without_keys(model, full), parameter), tasks_of.get(full, 1)
        groups.setdefault(key, []).append(parameter)
    found = []
    for name, kind in KINDS.items():
        for (own, crowd), parameters in groups.items():
            if own == name:
                decay = weight_decay if kind.decay is None else kind.decay
                rate = crowd**0.5
                base = _language_rate(model) if name == LANGUAGE else kind.rate * learning_rate
                found.append(
                    {
                        "params": parameters,
                        "lr": rate * base,
                        "weight_decay": decay / rate,
                        "name": name,
                    }
                )
    return found


def kind_of(name: str, parameter: nn.Parameter) -> str:
    """Return the kind of a weight, by its name among the modules."""
    if ".language." in name:
        return LANGUAGE
    if ".bags." in name or ".wide." in name:
        return "ngrams"
    if ".delta." in name:
        return "corrections"
    if ".shift." in name:
        return "tables"
    if parameter.ndim < 2 or any(part in name for part in (".codes.", ".tags.", ".gap.", ".now.")):
        return "vectors"
    return "matrices"


def crowds(model: MotetModel) -> dict[str, int]:
    """Return, by a parameter's name, how many tasks train it: 1 for what is private."""
    private = {id(each) for task in model.shape.tasks for each in model.private(task)}
    valves = Valves(model.shape)
    return {
        name: len(_learners(model, name, valves)) or 1
        for name, each in model.named_parameters()
        if id(each) not in private
    }


def _learners(model: MotetModel, name: str, valves: Valves) -> list[str]:
    """Return the tasks that train a shared weight: those whose view shows its tower, and whose valve lets them."""
    shape = model.shape
    tower, _, rest = name.removeprefix("sharing.trunk.").partition(".")
    found = []
    for task, each in shape.tasks.items():
        sources = shape.views[each.view].sources
        blocks = ["fusion"]
        if not name.startswith("sharing.trunk."):
            reached = True
        elif tower in ("texts", "rows", "fusions"):
            ranking = each.output == "ranking" and "history" in sources
            reached = rest.partition(".")[0] == module_name(each.view) and not (tower == "fusions" and ranking)
            blocks = [{"texts": "text", "rows": "row", "fusions": "fusion"}[tower]]
        elif tower == "language":
            own = ("text",) if not (shape.language and shape.language.items) else ("history", "item", "text")
            blocks = [block for block in own if block in sources]
            reached = bool(blocks)
        elif tower == "items":
            blocks = [block for block in ("history", "item") if block in sources]
            reached = bool(blocks)
        else:
            reached, blocks = "history" in sources, ["history"]
        if reached and any(valves.of(task, block) > 0 for block in blocks):
            found.append(task)
    return found


def _language_rate(model: nn.Module) -> float:
    assert isinstance(model, MotetModel) and model.shape.language is not None
    return model.shape.language.learning_rate


def _without_keys(model: nn.Module, name: str) -> str:
    """Return a parameter's name without the keys of dictionaries: a task or a view may be called like a part."""
    module, kept = model, []
    for part in name.split("."):
        if not isinstance(module, nn.ModuleDict):
            kept.append(part)
        module = getattr(module, part)
    return ".".join(kept)
