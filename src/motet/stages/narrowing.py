"""Whole units taken out: hidden units, attention heads, and rows of long tables; then a short training of the rest.

Layers become narrower, so that answers need fewer products; a row that is put away takes no place in the folder.
"""

from __future__ import annotations

from dataclasses import replace

from motet.model.assemble import MotetModel
from motet.model.masks import of_rows
from motet.model.narrow import weakest_left_out, weights_of
from motet.model.parts import Served
from motet.stages.pruning import settled
from motet.stages.remaking import Remaking, check_frozen, remade
from motet.stages.study import Study

SHARE = 0.5
"""Of the hidden units, heads and rows that go."""


def narrowed(study: Study, served: Served, going: Remaking) -> Served:
    """Return the models with half of their units, heads and rows; raises RequestError for a trained language model."""
    check_frozen(served)
    trained = {}
    for name, model in served.models.items():
        base = narrower(model, share=SHARE)
        trained[name] = settled(study, base, served, name, of_rows(base, SHARE), going, tutor=model)
    return remade(study, served, trained, served.routes)


def narrower(model: MotetModel, *, share: float) -> MotetModel:
    """Return a model of its own without the weakest units and heads, the others' weights as they were."""
    kept = weakest_left_out(model, share)
    cuts = {**model.shape.cuts, **{place: len(left) for place, left in kept.items()}}
    made = MotetModel(replace(model.shape, cuts=cuts))
    made.load_state_dict(weights_of(model, kept))
    return made.to(next(model.parameters()).device)
