from pathlib import Path

import pytest

from motet.cli.options import read_project
from motet.errors import ProjectError


def test_overrides_and_the_data_folder(shop: Path, tmp_path: Path) -> None:
    project = read_project(shop, tmp_path, ["train.epochs=7", "project.name=other"])
    assert (project.train.epochs, project.project.name, project.root) == (7, "other", tmp_path)
    assert read_project(shop, None).root == shop.parent


@pytest.mark.parametrize("setting", ["train.epochs", "train.epochz=3", "train.epochs=none"])
def test_settings_that_make_no_sense(setting: str, shop: Path) -> None:
    with pytest.raises(ProjectError):
        read_project(shop, None, [setting])
