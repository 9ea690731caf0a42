import pytest

from motet.errors import MissingExtra
from motet.train.events import EpochDone, StepDone, Watched
from motet.train.listeners import LISTENERS
from motet.train.listeners.tensorboard import TensorBoard


def told(folder):
    """Return name → [(step, value)] from the event files of a folder."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(folder))
    read.Reload()
    return {name: [(each.step, each.value) for each in read.Scalars(name)] for name in read.Tags()["scalars"]}


def events(epoch, loss):
    step = StepDone(epoch, 2, 2, {"rating": loss}, {"rating": 0.5})
    watched = Watched({"cosine/history/a|b": -0.25, "affinity/a>b": 0.125, "gate/a/expert 1": 0.5})
    return step, EpochDone(epoch, 3, {"rating": loss}, {"rating": 0.75}, (), True, 1.5, watched)


def test_events_can_be_read_back(tmp_path):
    writer = TensorBoard(tmp_path, project="p", run="joint")
    for epoch, loss in enumerate((2.0, 1.0)):
        step, done = events(epoch, loss)
        writer.step(step)
        writer.epoch(done)
    writer.close()
    found = told(tmp_path)
    assert found["loss/rating"] == [(2, 2.0), (4, 1.0)] and found["weight/rating"] == [(2, 0.5), (4, 0.5)]
    assert found["score/rating"] == [(2, 0.75), (4, 0.75)]
    assert found["cosine/history/a/b"][0] == (2, -0.25) and found["affinity/a/b"][0] == (2, 0.125)
    assert found["gate/a/expert_1"][0] == (2, 0.5) and found["seconds"][0] == (2, 1.5)


def test_a_missing_library_is_one_line_with_the_command(monkeypatch):
    monkeypatch.setattr("motet.train.listeners.tensorboard.find_spec", lambda name: None)
    with pytest.raises(MissingExtra) as caught:
        LISTENERS.get("tensorboard").require()
    assert "TensorBoard" in str(caught.value) and "pip install -e '.[watch]'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_shelf_holds_both():
    assert {"tensorboard", "wandb"} <= set(LISTENERS.names())
