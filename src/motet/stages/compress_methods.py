"""What may be done to a packed model to make it smaller or faster, in the order in which methods follow each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from motet.artifact import Folder, Part
from motet.errors import MissingExtra
from motet.model.onnx_runtime import GRAPH_WEIGHTS, GRAPHS, RANKINGS
from motet.model.parts import Served
from motet.stages.distilling import distilled
from motet.stages.draft import ONNX, Draft, int8, sparse
from motet.stages.narrowing import narrowed
from motet.stages.packing import item_vectors
from motet.stages.pruning import pruned
from motet.stages.remaking import Remaking
from motet.stages.study import Study
from motet.stages.taught_encoder import with_student
from motet.stages.watching import Watch

Train = Callable[[Study, Served, Remaking], Served]


@dataclass(frozen=True)
class Given:
    """What methods may read: the original, its study, and where training keeps its checkpoints.

    trained: the models that methods trained before, by the names of the methods.
    """

    folder: Folder
    study: Study
    served: Served
    work: Path
    watch: Watch
    trained: dict[tuple[str, ...], Served] = field(default_factory=dict)


Method = Callable[[Draft, Given], Draft]


def _int8(draft: Draft, given: Given) -> Draft:
    return int8(draft)


def _onnx(draft: Draft, given: Given) -> Draft:
    """Graphs in place of weights; every model that answers a task is exported."""
    if find_spec("onnx") is None or find_spec("onnxruntime") is None or find_spec("onnxscript") is None:
        raise MissingExtra("onnx, onnxscript and onnxruntime, which export and serve graphs,", "onnx")
    from motet.model.graphs import export_graphs

    served = draft.served or given.served
    parts: dict[str, Part] = {}
    told: dict[str, Any] = {}
    weights: dict[str, Any] = {}
    rankings: dict[str, Any] = {}
    for name in sorted(set(served.routes.values())):
        tasks = [task for task, each in served.routes.items() if each == name]
        made = export_graphs(served.models[name], tasks)
        told[name] = made.told
        parts |= {f"model/{name}.{graph}.onnx": data for graph, data in made.files.items()}
        weights |= {f"{name}/{key}": value for key, value in made.weights.items()}
        rankings |= made.rankings
    parts |= {GRAPHS: told, GRAPH_WEIGHTS: weights, RANKINGS: rankings}
    gone = ("model/weights", "model/shape", *(f"model/{name}/" for name in told))
    return replace(draft.with_parts(parts, without=gone), runtime=ONNX)


def _student(draft: Draft, given: Given) -> Draft:
    going = Remaking("-".join((*draft.done, "student")), given.work, given.watch)
    return with_student(draft, given.study, draft.served or given.served, going)


def _training(name: str, train: Train) -> Method:
    """A method that trains models; what was trained for one form is not trained again for another."""

    def method(draft: Draft, given: Given) -> Draft:
        key = (*draft.done, name)
        if key not in given.trained:
            going = Remaking("-".join(key), given.work, given.watch)
            given.trained[key] = train(given.study, draft.served or given.served, going)
        served = given.trained[key]
        made = draft.with_models(served, item_vectors(given.study, served))
        return sparse(made) if name in SPARSE else made

    return method


SPARSE = ("narrow", "prune")
"""Methods that leave numbers or rows that are nothing."""


METHODS: Mapping[str, Method] = {
    "distil": _training("distil", distilled),
    "narrow": _training("narrow", narrowed),
    "prune": _training("prune", pruned),
    "student": _student,
    "onnx": _onnx,
    "int8": _int8,
}
"""Short name → what it makes of a draft."""


def drafted(draft: Draft, methods: Sequence[str], given: Given) -> Draft:
    """Return what the methods make of a draft, one after the other in their own order."""
    for name, method in METHODS.items():
        if name in methods:
            made = method(draft, given)
            draft = replace(made, done=(*draft.done, name))
    return draft
