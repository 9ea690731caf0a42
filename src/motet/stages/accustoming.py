"""Models get used to a student's vectors: a short training in which texts are read as they will be read from now on.

Beside the labels they learn from what they answered when the teacher read the same texts.
"""

from __future__ import annotations

import copy
from dataclasses import replace

import torch

from motet.language.encoders import Encoder
from motet.model.inputs import FeatureTensors
from motet.model.parts import Served
from motet.stages.pruning import tasks_of
from motet.stages.remaking import IMITATE, Remaking, remade, trained_on, tutor_of
from motet.stages.study import Study
from motet.stages.texts import shown_texts
from motet.stages.tutoring import tutored_by
from motet.train.start import Start


def accustomed(study: Study, taught: Study, before: Served, served: Served, going: Remaking) -> Served:
    """Return the models trained on with the texts of `taught` (see `read_by`), for as many passes as an update takes.

    before: what answered in `study`, whose answers are learned from; served: the models that go on from there.
    """
    soft = tutored_by(study, {task: [before.models[name]] for task, name in before.routes.items()})
    trained = {}
    for name, model in served.models.items():
        tasks, tutor = tasks_of(served.routes, name, model), tutor_of(model)
        # rankings read no texts of rows: they hold on to what they answer
        tutors = {task: tutor for task in tasks if task in served.routes and task not in soft}
        start = Start(tasks=tasks, tutors=tutors, steady=IMITATE)
        base, named = copy.deepcopy(model), replace(going, name=f"{going.name}-{name}")
        trained[name] = trained_on(replace(taught, tutored=soft), base, tasks, start, named)
    return remade(taught, served, trained, served.routes)


def read_by(study: Study, encoder: Encoder, served: Served) -> Study:
    """Return the study with rows' texts as an encoder reads them, and items' texts as the models have them."""
    tensors, fit = study.tensors, study.features.state.standardise
    rows = dict(tensors.rows)
    for name, texts in shown_texts(study.division, study.features.state.views, study.examples).items():
        vectors = torch.from_numpy(fit[name].apply(encoder.encode(texts))).to(tensors.device)
        rows[name] = replace(rows[name], text=vectors, tokens=None)
    return replace(study, tensors=_with_items(replace(tensors, rows=rows), served))


def _with_items(tensors: FeatureTensors, served: Served) -> FeatureTensors:
    items = tensors.items
    if items is None or served.items is None:
        return tensors
    text, masked = (torch.from_numpy(each).to(tensors.device) for each in (served.items.text, served.items.text_masked))
    return replace(tensors, items=replace(items, text=text, text_masked=masked))
