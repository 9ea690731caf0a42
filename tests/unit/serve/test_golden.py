from pathlib import Path

import pytest

from motet.errors import ArtifactError
from motet.recommend import Question, load
from motet.serve.golden import RecentShapes, check_golden

from .conftest import write_model


def test_a_sound_model_answers(model: Path) -> None:
    assert check_golden(load(model)) == 2 * 3 + 2
    recent = RecentShapes()
    recent.note(Question(user="ann", query="wish", history=["apple"], k=2, filters={"kind": "fruit"}))
    (shape,) = recent
    assert shape == Question(k=2, filters={"kind": "fruit"}), "nothing about the user is kept"
    assert check_golden(load(model), recent) == 3 * 3 + 2


def test_a_model_without_numbers_does_not(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="finite"):
        check_golden(load(write_model(tmp_path / "m", name="broken")))


def test_what_clients_ask_has_to_be_answered(model: Path) -> None:
    with pytest.raises(ArtifactError, match="nope"):
        check_golden(load(model), [Question(weights={"nope": 1})])
