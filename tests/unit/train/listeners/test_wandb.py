import os
import socket

import pytest

from motet.errors import MissingExtra
from motet.train.events import EpochDone, StepDone
from motet.train.listeners import LISTENERS


def test_a_missing_library_is_one_line_with_the_command(monkeypatch):
    monkeypatch.setattr("motet.train.listeners.wandb.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"\.\[watch\]") as caught:
        LISTENERS.get("wandb").require()
    assert "Weights & Biases" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore")
def test_a_run_is_written_offline(tmp_path, monkeypatch):
    """Where Weights & Biases is installed; it is no part of the development set-up."""
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "online")
    reached = []
    connect = socket.socket.connect

    def watched(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1"):
            reached.append(address)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    listener = LISTENERS.get("wandb")(tmp_path, project="beauty", run="joint, seed 0")
    for epoch in range(2):
        listener.step(StepDone(epoch, 1, 1, {"rating": 2.0}, {"rating": 0.5}))
        listener.epoch(EpochDone(epoch, 2, {}, {"rating": 0.75}, (), True, 1.5))
    listener.close()
    (written,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    content = written.read_bytes()
    assert b"loss/rating" in content and b"score/rating" in content
    assert reached == [] and os.environ["WANDB_ERROR_REPORTING"] == "false"
