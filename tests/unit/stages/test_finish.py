"""What was repaired is packed, loaded and judged as it was compared."""

import json

import pytest

import motet
from motet.artifact import open_folder
from motet.stages.draft import draft_of, write_draft
from motet.stages.fused_judging import judge_any
from motet.stages.judging import judge_folder
from motet.stages.watching import Watch
from motet.testing import tiny_project
from motet.transfer.climb import _State

OWN = ["private", "interpolate", "twin"]
SETTINGS = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
HARMED = {"rating": "private", "sentiment": "interpolate", "brand": "twin"}


@pytest.fixture(autouse=True, scope="module")
def harmed():
    """Some tasks seem harmed until the rung that they are given to; valves repair nobody."""

    def looks(self, task, arm, role):
        rung = "private" if ", private" in arm else "interpolate" if " of it" in arm else arm
        return task in HARMED and rung != HARMED[task]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_State, "looks", looks)
        patch.setattr(_State, "mends", lambda self, task, arm: not self.looks(task, arm, "A"))
        yield


class Stopping(Watch):
    """Stops the run when an arm of this name is trained."""

    def __init__(self, arm=""):
        self.arm, self.arms = arm, []

    def trained(self, arm, seed, seconds):
        self.arms.append(arm)
        if arm == self.arm:
            raise KeyboardInterrupt


def run(folder, project, **options):
    return motet.certify(motet.Project.read(project), folder, **options)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    return tiny_project(folder, users=40, items=30, tasks=(*HARMED, "club"), settings=SETTINGS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, project, harmed):
    """A run that nothing interrupts."""
    return run(tmp_path_factory.mktemp("whole") / "model", project)


def test_every_repair_ships_and_answers_as_it_was_judged(whole):
    result, folder = whole, whole.path
    record = json.loads((folder / "evaluation" / "certificate.json").read_text())
    assert {task: row["repair"] for task, row in record["tasks"].items()} == {**HARMED, "club": None}
    routes = json.loads((folder / "model" / "routes.json").read_text())
    assert routes["rating"] == routes["club"] == "joint"
    assert routes["sentiment"].startswith("interpolated") and routes["brand"].startswith("twin")
    for row in record["tasks"].values():
        assert [each["rung"] for each in row["tried"]][-1:] == ([row["repair"]] if row["repair"] else [])
    assert record["sharing"]["tasks_shared"] == 2 and record["sharing"]["joint_runs"] > 1
    again = judge_folder(folder).tasks
    for task, metrics in result.evaluation.tasks.items():
        for name, value in metrics.items():
            assert again[task][name] == pytest.approx(value, abs=1e-5, nan_ok=True), (task, name)
    assert result.bundle().predict("sentiment", ["a lovely thing"])
    assert "Repairs that were tried" in (folder / "report.html").read_text()


def test_an_interrupted_repair_goes_on(tmp_path, project, whole):
    arm = "joint, private rating"
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "model", project, watch=Stopping(arm))
    resumed = run(tmp_path / "model", project, resume=True, watch=Stopping())
    assert resumed.evaluation.tasks == whole.evaluation.tasks
    one, other = ((path / "model" / "weights.safetensors").read_bytes() for path in (resumed.path, whole.path))
    assert one == other
    assert not (tmp_path / "model.work").exists()


def test_what_was_repaired_is_refitted_on_all_rows(tmp_path, project):
    declared = motet.Project.read(project, overrides={"train.refit": True, "certify.ladder": OWN})
    watch = Stopping()
    motet.certify(declared, tmp_path / "model", watch=watch)
    again = {arm for arm in watch.arms if watch.arms.count(arm) == 3}  # two seeds, and once more on all rows
    assert again == {"joint, private rating", "joint, on for sentiment"}
    for ask in (judge_folder, judge_any):  # as everything that reads a model's rows again: compress, fuse, tune-weights
        with pytest.raises(motet.errors.RequestError, match="trained once more on all rows"):
            ask(tmp_path / "model")
    folder = open_folder(tmp_path / "model")
    assert write_draft(draft_of(folder), tmp_path / "copy", folder).manifest.refit


def test_a_model_that_kept_its_test_rows_apart_says_nothing_of_a_refit(whole):
    assert not open_folder(whole.path).manifest.refit
    assert "refit" not in json.loads((whole.path / "manifest.json").read_text())


def test_an_unknown_rung_is_refused(project):
    with pytest.raises(motet.errors.ProjectError, match="ladder"):
        motet.Project.read(project, overrides={"certify.ladder": ["rope"]})
