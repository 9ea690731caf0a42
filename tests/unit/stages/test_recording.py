from dataclasses import replace

import pytest

from motet.errors import ProjectError
from motet.stages.progress import ProgressLines
from motet.stages.recording import prepare_records, record_folder, recording
from motet.stages.running import run_one
from motet.stages.watching import Watch
from motet.train.events import EpochDone
from motet.train.listeners import LISTENERS


class Diary:
    """A listener that writes a line per event."""

    def __init__(self, folder, *, project, run):
        folder.mkdir(parents=True, exist_ok=True)
        self.file = (folder / "diary.txt").open("a")
        self.file.write(f"{project}: {run}\n")

    @staticmethod
    def require():
        pass

    def step(self, event):
        self.file.write(f"step {event.done}\n")

    def epoch(self, event):
        self.file.write(f"epoch {event.epoch}\n")

    def close(self):
        self.file.close()


@pytest.fixture
def listening(study, monkeypatch):
    LISTENERS.names()
    monkeypatch.setitem(LISTENERS._entries, "diary", Diary)
    train = study.project.train.model_copy(update={"listeners": ("diary",), "epochs": 1})
    return replace(study, project=study.project.model_copy(update={"train": train}))


def test_a_listener_writes_beside_the_artifact_and_begins_anew_unless_the_run_goes_on(listening, tmp_path):
    out = tmp_path / "shop"
    file = record_folder(out, "diary") / "joint-seed-0" / "diary.txt"
    run_one(listening, None, out=out, resume=False, watch=Watch())
    first = file.read_text().splitlines()
    assert first[0] == "tiny: joint, seed 0" and first[-1] == "epoch 0"
    assert len(first) == listening.plan.steps + 2
    run_one(listening, None, out=out, resume=True, watch=Watch())
    assert file.read_text().splitlines() == first, "a finished arm has nothing to tell"
    run_one(listening, None, out=out, resume=False, watch=Watch())
    assert file.read_text().splitlines() == first


def test_an_unknown_listener_is_answered_with_the_known_ones(listening, tmp_path):
    train = listening.project.train.model_copy(update={"listeners": ("tensorbord",)})
    project = listening.project.model_copy(update={"train": train})
    with pytest.raises(ProjectError, match="tensorboard, wandb") as caught:
        prepare_records(project, tmp_path / "shop", resume=False)
    assert "tensorboard" in caught.value.remedy


def test_listeners_are_closed_when_training_fails_and_given_ones_are_kept(listening, tmp_path):
    given, seen = Watch(), []
    with pytest.raises(RuntimeError), recording(listening.project, tmp_path / "x", "a/b", 0, [given]) as found:
        assert found[0] is given
        assert isinstance(found[1], ProgressLines)
        found[2].epoch(EpochDone(0, 1, {}, {}, (), True, 1.0))
        seen.append(found[2]._made.file)
        raise RuntimeError
    assert seen[0].closed
    assert [path.name for path in (tmp_path / "x.diary").iterdir()] == ["a%2Fb-seed-0"]


def test_without_listeners_there_are_lines_of_progress_and_nothing_before_the_first_event(study, tmp_path):
    prepare_records(study.project, tmp_path / "x", resume=False)
    with recording(study.project, tmp_path / "x", "joint", 0) as found:
        assert [type(each) for each in found] == [ProgressLines]
    assert list(tmp_path.iterdir()) == []
