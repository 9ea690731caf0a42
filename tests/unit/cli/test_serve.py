import os

import pytest

from motet.cli.serve import limit_threads, serve

from .conftest import Say


def test_a_door_that_would_stand_open_is_refused(say: Say, model, tmp_path) -> None:
    said = say("serve", model, "--store", tmp_path / "s.db", "--host", "0.0.0.0", "--open-without-key")
    assert said.code == 2 and "motet key add" in said.err
    assert serve is not None


def test_what_is_no_model_is_refused(say: Say, tmp_path) -> None:
    said = say("serve", tmp_path / "nowhere", "--store", tmp_path / "s.db")
    assert said.code == 2 and "no model folder" in said.err


def test_every_process_keeps_to_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
    for name in names:
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)
    monkeypatch.setenv("MKL_NUM_THREADS", "7")
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    limit_threads(2)
    assert [os.environ[name] for name in names] == ["4", "4", "7", "4"]
