import pytest

import motet
from motet.artifact import write_folder
from motet.errors import ArtifactError, RequestError
from motet.stages.apart import check_apart
from motet.stages.compressing import compress_folder
from motet.stages.fusing import fuse
from motet.stages.joining import join
from motet.workflow import add_tasks


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "model", {"project.toml": "old"}, name="a", seed=0, runtime="torch").path


def kept(folder):
    return (folder / "project.toml").read_text() == "old" and len(list(folder.iterdir())) == 2


def test_another_place_is_returned_as_it_really_is(folder, tmp_path):
    (tmp_path / "alias").symlink_to(tmp_path)
    assert check_apart(tmp_path / "alias" / "new", folder) == (tmp_path / "new").resolve()
    assert check_apart(f"{folder}-small", folder).name == "model-small"  # a longer name is no folder within


def test_the_original_under_any_name_is_refused(folder, tmp_path):
    (tmp_path / "alias").symlink_to(folder)
    for out in (folder, tmp_path / "alias", tmp_path / "x" / ".." / "model", folder / "small"):
        with pytest.raises(RequestError, match="the model folder that is read"):
            check_apart(out, tmp_path / "other", folder)
    assert kept(folder)


def test_what_stands_elsewhere_is_not_replaced(folder, tmp_path):
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(ArtifactError, match="a file"):
        check_apart(tmp_path / "notes", folder)


@pytest.mark.parametrize(
    "make",
    [
        lambda path: compress_folder(path, path),
        lambda path: fuse([path.parent / "other", path], path),
        lambda path: join([path.parent / "other", path], path),
        lambda path: motet.update(path, path, events="new.csv"),
        lambda path: add_tasks(path, "new.toml", path),
    ],
    ids=["compress", "fuse", "join", "update", "add_tasks"],
)
def test_nothing_takes_the_place_of_what_it_is_made_of(folder, make):
    with pytest.raises(RequestError, match="which would be replaced"):
        make(folder)
    assert kept(folder)
