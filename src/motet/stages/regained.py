"""A packed model with a study of rows that it may not have seen: what it was fitted with stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch

from motet.artifact import Folder
from motet.data import divide
from motet.language.load import check_same_model, load_encoder, short_name
from motet.model.assemble import MotetModel
from motet.model.parts import Served, read_model, restore_encoder
from motet.recommend.catalogue import Catalogue
from motet.schema import EncoderConfig, Project
from motet.stages.blanking import blanked
from motet.stages.extending import Places, extended, grown_memory, places_of
from motet.stages.graphs import graphs_in
from motet.stages.grown import Grown
from motet.stages.study import Fitted, Study, make_study
from motet.stages.texts import has_texts

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Running:
    """The model that answers so far, over the catalogue of a study with more rows.

    served: as it was packed. models: the same, extended to the study's catalogue. before: the study as this model knows
    it: how often it saw each item, and what it remembers.
    """

    served: Served
    models: Mapping[str, MotetModel]
    before: Study

    def model_of(self, task: str) -> MotetModel:
        """Return the model that answers a task."""
        return self.models[self.served.routes[task]]


def study_of(folder: Folder, project: Project, grown: Grown, *, on_progress: Progress | None = None) -> Study:
    """Return the study of a folder's grown rows, with the features that its model was trained with."""
    served = read_model(folder, language=project.project.language, device=torch.device("cpu"))
    fitted = fitted_of(folder, project, served)
    fitted = blanked(fitted, grown.tables) if grown.forgotten else fitted
    division = divide(project, grown.tables)
    graphs = graphs_in(folder, project, division)
    return make_study(division, on_progress=on_progress, fitted=fitted, graphs=graphs)


def fitted_of(folder: Folder, project: Project, served: Served) -> Fitted:
    """Return what a folder's model was fitted with."""
    trained = folder.manifest.encoder.id if folder.manifest.encoder else ""
    config = project.encoder if has_texts(project) else EncoderConfig(name="lexical")
    if config.name is None and trained:  # the default may have changed with what is installed
        config = config.model_copy(update={"name": short_name(trained)})
    encoder = load_encoder(config, language=project.project.language, root=project.root)
    restore_encoder(encoder, folder)
    if trained:
        check_same_model(encoder.id, trained)
    dropout = next(iter(served.models.values())).shape.dropout
    return Fitted(served.state, encoder, dropout)


def running_in(folder: Folder, study: Study) -> Running:
    """Return a folder's model over the catalogue of a study with more rows."""
    device = torch.device(study.tensors.device)
    served = read_model(folder, language=study.project.project.language, device=device)
    if study.division.events is None:
        return Running(served, served.models, study)
    old_I = places_of(study.division.events.items, Catalogue.from_folder(folder).ids)
    seed = study.project.train.seed
    models = {
        name: _counted(extended(model, old_I, seed=seed), study).eval() if model.shape.num_items else model
        for name, model in served.models.items()
    }
    return Running(served, models, _as_known(study, served, old_I))


def _counted(model: MotetModel, study: Study) -> MotetModel:
    """Tell rankings how popular items are; folders do not keep it, since only training asks."""
    items = study.features.arrays.items
    for task, shape in model.shape.tasks.items():
        if shape.output == "ranking" and items is not None:
            model.head(task).count_I.copy_(torch.from_numpy(items.count[1:].astype(np.float32)))  # type: ignore[attr-defined]
    return model


def _as_known(study: Study, served: Served, old_I: Places) -> Study:
    """The study as the running model knows it."""
    arrays, tensors = study.features.arrays, study.tensors
    if served.items is None or arrays.items is None or tensors.items is None:
        return study
    count = np.zeros(len(old_I) + 1, served.items.count.dtype)
    count[1:][old_I >= 0] = served.items.count[1:][old_I[old_I >= 0]]
    counted = torch.from_numpy(count.astype(np.int64)).to(tensors.device)
    memory = grown_memory(served.memory, old_I)
    questions = dict(study.features.questions)
    for name, asked in questions.items():
        if asked.recalling is not None and memory is not None:
            questions[name] = replace(asked, recalling=replace(asked.recalling, memory=memory))
    known = replace(
        study.features,
        arrays=replace(arrays, items=replace(arrays.items, count=count)),
        questions=questions,
        memory=memory,
    )
    return replace(study, features=known, tensors=replace(tensors, items=replace(tensors.items, count=counted)))
