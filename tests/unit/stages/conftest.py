import shutil
import tomllib

import pytest
import tomli_w

from motet.artifact import layout, open_folder, update_folder
from motet.model.assemble import MotetModel
from motet.stages.arms import new_model
from motet.stages.study import Study
from motet.testing.study import tiny_study

TASKS = ("next_item", "rating", "sentiment", "brand", "club")


@pytest.fixture(scope="session")
def study() -> Study:
    return tiny_study(tasks=TASKS, settings={"train": {"epochs": 1, "batch": 512, "device": "cpu"}})


@pytest.fixture(scope="session")
def model(study) -> MotetModel:
    """An untrained model."""
    return new_model(study, study.shape, seed=0)


def with_blend(folder, place, **blend):
    """Return a copy of a model folder whose lists are blended in another way."""
    shutil.copytree(folder, place)
    content = tomllib.loads(open_folder(place).text(layout.PROJECT))
    content["blend"] = blend
    update_folder(place, {layout.PROJECT: tomli_w.dumps(content)})
    return place
