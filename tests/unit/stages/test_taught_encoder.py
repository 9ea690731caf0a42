from functools import partial

import numpy as np
import pytest

import motet
from motet.artifact import open_folder
from motet.errors import RequestError
from motet.stages import compressing
from motet.stages.draft import draft_of
from motet.stages.judging import reread
from motet.stages.pace import paces
from motet.stages.remaking import Remaking
from motet.stages.taught_encoder import with_student
from motet.stages.watching import Watch
from motet.testing.project import tiny_project

from ._student_folder import packed_with_bert


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTET_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A folder that a student reads, and what was found."""
    folder = tmp_path_factory.mktemp("student")
    original = packed_with_bert(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compressing, "paces", partial(paces, rounds=1))
        return original, compressing.compress_folder(
            original, folder / "small", methods=["student", "int8"], force=True
        )


def test_the_folder_carries_the_student_and_needs_no_language_model(small):
    original, found = small
    known = {each.name: each for each in found.candidates}
    assert not known["student"].left_out and known["student"].encoder_bytes == 0 < known["int8"].encoder_bytes
    assert known["student"].pace.encoded > known["student"].before.encoded
    assert found.chosen.name in ("student", "student+int8")
    folder = open_folder(found.path)
    assert folder.manifest.encoder.id.startswith("student:") and 'name = "student"' in folder.text("project.toml")
    for file in original.parent.joinpath("bert").glob("*.safetensors"):
        file.unlink()
    bundle = motet.load(found.path)
    assert 0 <= bundle.predict("sentiment", ["a fine pan"])[0].probability <= 1
    assert len(bundle.recommend(bundle.loaded.users.users[0], k=3).items) == 3
    words = bundle.loaded.scorer.encoder.state()["words"]
    assert "pan" in words or len(words) > 5
    np.testing.assert_allclose(np.linalg.norm(bundle.loaded.scorer.encoder.encode(["a fine pan"])), 1, atol=1e-5)


def test_what_was_fitted_on_the_texts_itself_teaches_nobody(tmp_path):
    settings = {"train": {"epochs": 1, "batch": 512}}
    project = motet.Project.read(tiny_project(tmp_path, tasks=("sentiment",), settings=settings))
    folder, study, served = reread(motet.train(project, tmp_path / "run").path)
    with pytest.raises(RequestError, match="none to learn from"):
        with_student(draft_of(folder), study, served, Remaking("student", tmp_path, Watch()))
