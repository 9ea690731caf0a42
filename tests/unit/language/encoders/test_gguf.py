import importlib.util

import pytest

from motet.errors import MissingExtra, ProjectError
from motet.language.encoders._gguf import write_gguf


def test_what_is_no_gguf_is_refused_in_one_line(tmp_path):
    (tmp_path / "model.gguf").write_bytes(b"something else")
    (tmp_path / "out").mkdir()
    with pytest.raises(ProjectError, match="cannot be loaded") as caught:
        write_gguf(tmp_path / "model.gguf", tmp_path / "out")
    assert "\n" not in str(caught.value)


def test_without_its_reader_it_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="gguf"):
        write_gguf(tmp_path / "model.gguf", tmp_path)
