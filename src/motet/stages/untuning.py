"""A model that trained its language model, with what that one makes of texts as fixed vectors in its place.

The rest of the model cannot tell the difference: a text's vector comes in where the language model stood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from motet.errors import RequestError
from motet.language.encoders import Encoder
from motet.language.reader import Reader, tunable
from motet.model.assemble import MotetModel
from motet.model.parts import LEARNED, Served
from motet.model.trunk.tuned import Tuned
from motet.stages.study import Study

Teach = Callable[[Sequence[str]], NDArray[np.float32]]
AT_ONCE = 512


def untuned(study: Study, served: Served) -> tuple[Served, Teach]:
    """Return the models with frozen texts, and what turns texts into the vectors of the language model they trained.

    Raises RequestError where one student could not take its place: where several language models were trained, or
    where some texts are read by the model as it came.
    """
    tuned = [each for model in served.models.values() for each in model.tuned()]
    if len(tuned) != 1 or study.encoder is None:
        raise RequestError(f"{len(tuned)} language models were trained; a student has one teacher.", _WITHOUT)
    if study.shape.event_text or (study.shape.item_text and not tuned[0].most):
        raise RequestError("Texts of events or items are read by the language model as it came.", _WITHOUT)
    models = {name: _frozen(model) for name, model in served.models.items()}
    items = served.items
    if items is not None and tuned[0].most:
        text, masked = (each.detach().cpu().float().numpy() for each in (tuned[0].items, tuned[0].items_masked))
        items = replace(items, text=text, text_masked=masked)
    encoder = study.encoder
    reader = Reader(lambda: encoder, study.project.encoder, device=str(study.tensors.device))
    return replace(served, models=models, items=items), partial(read, reader, encoder, tuned[0])


_WITHOUT = "Compress without the method 'student'."


def read(reader: Reader, encoder: Encoder, tuned: Tuned, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return (n, D) of unit length, as a trained language model reads the texts."""
    tokens, weights = tunable(encoder).tokens(list(texts)), tuned.named()
    found = np.zeros((len(tokens), encoder.width), np.float32)
    with torch.no_grad():
        for start in range(0, len(tokens), AT_ONCE):
            vectors = reader.vectors(weights, tokens[start : start + AT_ONCE], training=False)
            found[start : start + AT_ONCE] = vectors.float().cpu().numpy()
    return found


def _frozen(model: MotetModel) -> MotetModel:
    if not model.tuned():
        return model
    made = MotetModel(replace(model.shape, language=None))
    made.load_state_dict({key: value for key, value in model.state_dict().items() if LEARNED not in f".{key}"})
    return made.to(next(model.parameters()).device).eval()
