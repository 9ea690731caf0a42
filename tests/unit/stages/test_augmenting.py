from dataclasses import replace

import numpy as np
import torch

from motet.features.batch import Batch, SoftTarget
from motet.model.assemble import MotetModel, build
from motet.schema import AugmentConfig
from motet.stages.augmenting import neighbours, plan_of
from motet.stages.study import Study
from motet.testing.study import tiny_study


def losses(study: Study, model: MotetModel, batches: list[Batch]) -> dict[str, float]:
    found: dict[str, float] = {}
    for batch in batches:
        torch.manual_seed(0)
        found |= {task: float(loss.detach()) for task, loss in model.losses(batch, study.tensors).items()}
    return found


def first_step(study: Study, **chosen: float) -> list[Batch]:
    project = study.project.model_copy(update={"augment": AugmentConfig(**chosen)})
    return next(iter(plan_of(project, study.division, study.features).epoch(0, 0, list(study.examples))))[1]


def test_each_way_of_varying_is_felt_in_training_and_by_whom_it_should() -> None:
    study = tiny_study(tasks=["next_item", "rating", "brand", "sentiment"])
    model = build(study.shape, seed=0)
    plain = losses(study, model.train(), first_step(study))
    assert losses(study, model, first_step(study)) == plain

    def felt(**chosen: float) -> set[str]:
        found = losses(study, model.train(), first_step(study, **chosen))
        assert found.keys() == plain.keys() and all(np.isfinite(value) for value in found.values())
        return {task for task, value in found.items() if value != plain[task]}

    assert felt(mask=1.0) == felt(crop=1.0) == felt(replace=1.0) == {"next_item", "rating"}
    reads = {task for task in ("brand", "sentiment") if "text" in study.features.state.views[task].sources}
    assert felt(words=0.5) == reads
    assert {"next_item", "rating", "brand"} <= felt(text=0.9)
    assert felt(mix=1.0) == {"rating", "brand", "sentiment"}


def test_labels_are_mixed_beside_soft_labels_too() -> None:
    """A joint model that twins tutor has soft labels everywhere; its labels are mixed as those of the twins are."""
    study = tiny_study(tasks=["rating", "brand"])
    model = build(study.shape, seed=0).train()

    def loss(share: float) -> float:
        step = []
        for batch in first_step(study, mix=share):
            blocks = []
            for block in batch.blocks:
                targets = dict(block.targets)
                if "rating" in targets:
                    size = study.features.state.labels["rating"].size
                    rows = targets["rating"].index_m
                    soft = SoftTarget(rows, np.full((len(rows), size), 1 / size, np.float32), 3.0)
                    targets["rating"] = replace(targets["rating"], soft=soft)
                blocks.append(replace(block, targets=targets))
            step.append(replace(batch, blocks=tuple(blocks)))
        return losses(study, model, step)["rating"]

    assert loss(1.0) != loss(0.0)


def test_a_model_that_is_judged_reads_everything() -> None:
    study = tiny_study(tasks=["rating", "brand", "sentiment"])
    model = build(study.shape, seed=0).eval()
    plain = first_step(study)
    step = first_step(study, words=0.5, text=1.0, mix=1.0)
    varied = [replace(each, segments=one.segments) for one, each in zip(plain, step, strict=True)]
    assert losses(study, model, varied) == losses(study, model, plain)


def test_neighbours_are_others_and_come_from_the_memory_or_the_texts() -> None:
    for tasks in (["next_item"], ["rating"]):
        study = tiny_study(tasks=tasks)
        assert (study.features.memory is not None) == (tasks == ["next_item"])
        near = neighbours(study.features)
        assert study.features.arrays.items is not None
        assert near.shape[0] == len(study.features.arrays.items.count) and not near[0].any()
        own = np.arange(len(near))[:, None]
        assert (near > 0).any() and not ((near == own) & (near > 0)).any()
        assert near.max() < len(near)
