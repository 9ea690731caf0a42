import pytest

from motet.artifact.upgrade import upgrade
from motet.errors import ArtifactError


def test_steps_are_taken_in_order() -> None:
    steps = {1: lambda f: {**f, "seen": [1]}, 2: lambda f: {**f, "seen": [*f["seen"], 2]}}
    assert upgrade({"format": 1}, steps=steps, current=3) == {"format": 3, "seen": [1, 2]}
    assert upgrade({"format": 2, "seen": []}, steps=steps, current=3) == {"format": 3, "seen": [2]}


def test_the_current_format_is_left_alone() -> None:
    fields = {"format": 1, "name": "x"}
    assert upgrade(fields) == fields


def test_too_new_and_too_old_are_told_apart() -> None:
    with pytest.raises(ArtifactError, match="Upgrade Motet in its clone"):
        upgrade({"format": 4}, current=3)
    with pytest.raises(ArtifactError, match="no longer reads"):
        upgrade({"format": 0}, current=1)
