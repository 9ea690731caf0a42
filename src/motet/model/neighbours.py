"""Points of users, items and texts in the one space of a model whose sharing strategy is `embedding`."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from motet.errors import RequestError
from motet.features.batch import Batch
from motet.model.assemble import MotetModel
from motet.model.inputs import FeatureTensors, ItemTensors
from motet.model.sharing.embedding import Embedding


def keeper_of_space(models: Mapping[str, MotetModel]) -> str:
    """Return the name of the model that keeps the space; raises RequestError where none does.

    Only a task that ranks items brings users and items together, so there is no space without one.
    """
    for name, model in models.items():
        if isinstance(model.sharing, Embedding):
            if not model.sharing.rankings:
                raise RequestError(
                    "No task of this model brings users and items together.", "Declare a task of kind next_item."
                )
            return name
    kinds = ", ".join(sorted({model.shape.sharing.kind for model in models.values()}))
    raise RequestError(
        f"This model keeps no one space for users, items and texts: it shares by {kinds}.",
        'Train one with kind = "embedding" under [sharing].',
    )


def check_texts(model: MotetModel) -> None:
    """Raise RequestError where texts have no place in the space."""
    if _space(model).trunk.items is None or _space(model).trunk.items.text is None:  # type: ignore[union-attr]
        raise RequestError(
            "The items of this model have no text, so a text has no place among them.",
            "Declare a text column of the items table, and train anew.",
        )


@torch.no_grad()
def embed(
    model: MotetModel, task: str, batch: Batch, tensors: FeatureTensors, *, vectors_Id: Tensor | None = None
) -> Tensor:
    """Return the points of the questions of the batch's first block, (n, size), of unit length.

    task: decides what is looked at: for a ranking the user's state, for others all that their view shows, so that a
    text task gives points of texts. vectors_Id: the catalogue's vectors, where they are known already.
    """
    trunk = model.sharing.trunk_of(task)
    if vectors_Id is None:
        vectors_Id = model.vectors(trunk, tensors)
    state = trunk(batch, tensors, vectors_Id)[0]
    ranks = model.shape.tasks[task].output == "ranking"
    return _space(model).embed(state.history_nd if ranks and state.history_nd is not None else state.z_nd)


@torch.no_grad()
def embed_items(model: MotetModel, items: ItemTensors, ids: Tensor | None = None) -> Tensor:
    """Return the points of items, (n, size), of unit length. ids: index + 1, by default of the whole catalogue."""
    tower, language = _space(model).trunk.items, _space(model).trunk.language
    assert tower is not None
    items = items if language is None else language.as_read(items)
    return _space(model).embed(tower(items)[1:] if ids is None else tower(items, ids))


@torch.no_grad()
def own_texts(model: MotetModel, items: ItemTensors) -> Tensor:
    """Return the items' text vectors as the model reads them, (I + 1, T): by a language model of its own, if it has."""
    language = next((each for each in model.tuned() if each.most), None)
    return items.text if language is None else language.as_read(items).text


@torch.no_grad()
def embed_texts(model: MotetModel, text_nD: Tensor) -> Tensor:
    """Return the points of texts, (n, size), of unit length: each is looked at as an item that says no more than this.

    text_nD: whitened vectors, as items have them.
    """
    check_texts(model)
    return _space(model).embed(_space(model).trunk.items.of_texts(text_nD))  # type: ignore[union-attr]


def _space(model: MotetModel) -> Embedding:
    assert isinstance(model.sharing, Embedding)
    return model.sharing
