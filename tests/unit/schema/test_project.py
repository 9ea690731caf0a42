from pathlib import Path

import pytest

from motet.errors import ProjectError
from motet.schema import Project


def test_a_folder_is_no_project_file(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="is a folder") as caught:
        Project.read(tmp_path)
    assert str(tmp_path / "motet.toml") in caught.value.remedy


def test_other_encodings_are_named(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_bytes(b"[project]\nname = '\xff'\n")
    with pytest.raises(ProjectError, match="cannot be read") as caught:
        Project.read(tmp_path / "m.toml")
    assert "UTF-8" in caught.value.remedy
