"""A model and its features as parts of an artifact, and back.

The folder holds the joint model and, where a task is answered by its twin, that twin beside it; `routes` says which
model answers which task.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from motet.artifact import Folder, Part
from motet.artifact.layout import FEATURES, GRAPH, SHAPE, WEIGHTS
from motet.errors import RequestError
from motet.features.batch import ItemArrays
from motet.features.columns import Plain
from motet.features.memory import Memory
from motet.features.state import FeatureState
from motet.language.encoders import Encoder
from motet.language.tokenise import tokeniser
from motet.recommend.calibrated import Calibration

if TYPE_CHECKING:
    import torch

    from motet.model.assemble import MotetModel

STATE, ITEMS = f"{FEATURES}/state", f"{FEATURES}/items"
ARRAYS = f"{FEATURES}/arrays.safetensors"
"""Named in full: what was fitted may hold no array at all, and is a file of arrays even then."""
ENCODER, ENCODER_ARRAYS = f"{FEATURES}/encoder", f"{FEATURES}/encoder_arrays.safetensors"
ITEM_WORDS = f"{FEATURES}/item_words"
"""Frame with a column per view that reads an item's words, a row per item of the catalogue."""
ROUTES, VIEWS = "model/routes", "model/views"
ADAPTERS, LEARNED = "model/adapters", ".language."
"""Arrays that a model learned of its language model, and what their names hold; a frozen one has none."""
NO_WEIGHTS = {
    "onnx": ("has the ONNX form, which answers and can be neither judged nor changed", "the model it was made from"),
    "fused": ("is a fusion of models", "the models it was fused from"),
    "joined": ("joins models of several catalogues", "each of them"),
}
"""Runtime → what such a folder is, and whom to ask instead of it."""
CALIBRATION = "model/calibration"
"""JSON: task → its map; a folder of an earlier version has none."""


@dataclass(frozen=True)
class Served:
    """What answers: models by name, the model of each task, the fitted features, the catalogue's arrays, the memory.

    calibration: task → its map from promises to what comes; one that is missing has none.
    """

    models: Mapping[str, MotetModel]
    routes: Mapping[str, str]
    state: FeatureState
    items: ItemArrays | None
    memory: Memory | None = None
    calibration: Mapping[str, Calibration] = field(default_factory=dict)

    @property
    def reads_items(self) -> bool:
        """Whether a model reads items' texts with a language model of its own."""
        return any(each.most for model in self.models.values() for each in model.tuned())

    @property
    def tuned(self) -> bool:
        """Whether a model reads texts with a language model of its own."""
        return any(model.tuned() for model in self.models.values())


def model_parts(served: Served) -> dict[str, Part]:
    """Return weights, shapes and features as parts."""
    fields, arrays = served.state.to_parts()
    parts: dict[str, Part] = {STATE: fields, ARRAYS: _keyed(fields, arrays), ROUTES: dict(served.routes)}
    parts[STATE] = {**fields, "arrays": sorted(arrays)}
    if served.items is not None:
        parts[ITEMS] = _item_parts(served.items)
    if served.memory is not None and any(_remembers(model) for model in served.models.values()):
        parts[GRAPH] = served.memory.to_arrays()
    if served.calibration:
        parts[CALIBRATION] = {task: each.to_json() for task, each in served.calibration.items()}
    for name, model in served.models.items():
        weights = {key: value.detach().cpu().float().numpy() for key, value in model.state_dict().items()}
        learned = {key: value for key, value in weights.items() if LEARNED in f".{key}"}
        if learned:
            parts[_named(ADAPTERS, name)] = learned
        parts[_named(WEIGHTS, name)] = {key: value for key, value in weights.items() if key not in learned}
        parts[_named(SHAPE, name)] = model.shape.to_json()
    return parts


def check_weights(folder: Folder) -> None:
    """Raise RequestError where a folder answers without weights of its own that could be read and trained on."""
    if folder.manifest.runtime in NO_WEIGHTS:
        what, whom = NO_WEIGHTS[folder.manifest.runtime]
        raise RequestError(f"'{folder.path.name}' {what}.", f"Ask this of {whom}.")


def read_model(folder: Folder, *, language: str, device: torch.device) -> Served:
    """Return what `model_parts` wrote, on a device."""
    import torch

    from motet.model.assemble import MotetModel
    from motet.model.shape import ModelShape

    check_weights(folder)
    routes = {str(task): str(name) for task, name in folder.json(ROUTES).items()}
    models = {}
    for name in sorted(set(routes.values())):
        model = MotetModel(ModelShape.from_json(folder.json(_named(SHAPE, name))))
        weights = folder.arrays(_named(WEIGHTS, name))
        if folder.has(_named(ADAPTERS, name)):
            weights = {**weights, **folder.arrays(_named(ADAPTERS, name))}
        model.load_state_dict({key: torch.from_numpy(np.array(value)) for key, value in weights.items()})
        models[name] = model.to(device).eval()
    return read_fitted(folder, language=language, models=models, routes=routes)


def read_fitted(
    folder: Folder, *, language: str, models: Mapping[str, MotetModel], routes: Mapping[str, str]
) -> Served:
    """Return all that `model_parts` wrote but the models, which are given; needs no torch."""
    fields = folder.json(STATE)
    arrays = _unkeyed(fields, folder.arrays(ARRAYS))
    items = _items_from(folder.arrays(ITEMS)) if folder.has(ITEMS) else None
    memory = Memory.from_arrays(folder.arrays(GRAPH)) if folder.has(GRAPH) else None
    told = folder.json(CALIBRATION) if folder.has(CALIBRATION) else {}
    calibration = {str(task): Calibration.from_json(each) for task, each in told.items()}
    state = FeatureState.from_parts(fields, arrays, tokenise=tokeniser(language))
    return Served(models, routes, state, items, memory, calibration)


def encoder_parts(encoder: Encoder) -> dict[str, Part]:
    """Return what an encoder learned from a project's own texts; nothing for a pretrained one."""
    state = encoder.state()
    arrays = {name: value for name, value in state.items() if isinstance(value, np.ndarray)}
    plain = {name: value for name, value in state.items() if name not in arrays}
    return {ENCODER: plain, ENCODER_ARRAYS: arrays} if state else {}


def restore_encoder(encoder: Encoder, folder: Folder) -> None:
    """Give an encoder back what it learned."""
    if folder.has(ENCODER):
        encoder.restore({**folder.json(ENCODER), **folder.arrays(ENCODER_ARRAYS)})


def _remembers(model: MotetModel) -> bool:
    return any(task.memory for task in model.shape.tasks.values())


def _named(part: str, name: str) -> str:
    """The joint model has the plain names; a twin's stand in a folder of their own."""
    if name == "joint":
        return part
    room, file = part.split("/")
    return f"{room}/{name}/{file}"


def _keyed(fields: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {f"a{number}": arrays[name] for number, name in enumerate(sorted(arrays))}


def _unkeyed(fields: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name: arrays[f"a{number}"] for number, name in enumerate(fields["arrays"])}


def _item_parts(items: ItemArrays) -> dict[str, NDArray[Any]]:
    arrays = {"text": items.text, "text_masked": items.text_masked, "count": items.count}
    for name, plain in (("plain", items.plain), ("plain_masked", items.plain_masked)):
        arrays |= {f"{name}.{key}": value for key, value in vars(plain).items() if value is not None}
    return arrays


def _items_from(arrays: Mapping[str, NDArray[Any]]) -> ItemArrays:
    def plain(name: str) -> Plain:
        keys = [each.name for each in fields_of(Plain) if f"{name}.{each.name}" in arrays]
        return Plain(**{key: arrays[f"{name}.{key}"] for key in keys})

    return ItemArrays(arrays["text"], arrays["text_masked"], plain("plain"), plain("plain_masked"), arrays["count"])
