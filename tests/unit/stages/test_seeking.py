"""A search that really trains: two trials on the tiny shop, its files, and what certify makes of them."""

import json

import pytest

import motet
from motet.errors import ProjectError
from motet.schema import AUTO, Project
from motet.schema.search import SearchRange
from motet.stages.best import best_text, importance
from motet.stages.searching import open_trials
from motet.stages.seeking import seek
from motet.stages.space import check_space, distributions, grid_of, inside, own_settings, settled, space_of
from motet.stages.study import Study
from motet.stages.trying import StudyTrainer, best_of, features_key, under
from motet.testing import tiny_project
from motet.testing.study import tiny_study

SETTINGS = {
    "train": {"epochs": 1, "batch": 512, "device": "cpu"},
    "trunk": {"width": 8, "layers": 1},
    "search": {"space": {"train.learning_rate": {"low": 1e-3, "high": 1e-2, "log": True}, "trunk.width": [8, 16]}},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    return tiny_project(folder, users=40, items=30, tasks=("rating", "club"), settings=SETTINGS)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("search")


@pytest.fixture(scope="module")
def found(project, out):
    return motet.search(Project.read(project), out, budget="10m", trials=2)


def test_two_trials_really_run(found):
    first, second = found.record["trials"]
    assert first["settings"] == {} and set(second["settings"]) == set(SETTINGS["search"]["space"])
    assert first["passes"] == 1 and found.gain >= 0
    assert found.settings == {} or found.record["best"] == 1


def test_a_search_goes_on_where_it_stopped(found, project, out):
    again = motet.search(Project.read(project), out, budget="10m", trials=3)
    assert [each["number"] for each in again.record["trials"]] == [0, 1, 2]
    assert again.record["trials"][:2] == found.record["trials"]


def test_folds_leave_nothing_to_search_on(project, tmp_path):
    """What one fold validates on, another one tests."""
    folds = Project.read(project, overrides={"split.kind": "folds", "split.folds": 3})
    with pytest.raises(ProjectError, match="none is left to search on") as refused:
        motet.search(folds, tmp_path / "search", budget="10m", trials=1)
    assert "split.kind=auto" in refused.value.remedy and not (tmp_path / "search").exists()


def test_another_project_needs_another_folder(found, project, out):
    other = Project.read(project, overrides={"train.clip": 1.0})
    with pytest.raises(ProjectError, match="another project"):
        motet.search(other, out, budget="10m", trials=3)


def test_what_is_written_can_be_read(found, out):
    best = Project.read(out / "best.toml")
    assert {key: own_settings(best, [key])[key] for key in found.settings} == found.settings
    motet.check(best)
    record = json.loads((out / "search.json").read_text(encoding="utf-8"))
    assert record["objective"] == "mean" and record["passes"] == 1
    page = (out / "search.html").read_text(encoding="utf-8")
    assert "All trials" in page and "<script" not in page


def test_comments_say_what_was(project):
    own = Project.read(project)
    best = Project.read(project, overrides={"train.learning_rate": 0.01, "trunk.dropout": 0.25})
    settings = {"train.learning_rate": 0.01, "trunk.dropout": 0.25}
    text = best_text(own, best, own_settings(own, list(settings)), settings, 0.0123)
    assert "learning_rate = 0.01  # was 0.002; by default 0.002" in text and "+1.23 %" in text
    assert "dropout = 0.25  # was chosen by itself; by default chosen by itself" in text
    assert "nothing better" in best_text(own, own, {}, {}, 0.0)


def test_a_study_serves_all_settings_that_features_do_not_depend_on():
    study, made = tiny_study(tasks=("rating", "club"), settings=SETTINGS), []

    def make(project: Project) -> Study:
        made.append(project.trunk.width)
        return study

    train, seen = StudyTrainer(make, study), []
    for override in ({"layers": 2}, {"dropout": 0.1}, {"width": 16}):
        trunk = study.project.trunk.model_copy(update=override)
        train(study.project.model_copy(update={"trunk": trunk}), lambda scores: bool(seen.append(scores)))
    assert made == [16] and len(seen) == 3 and set(seen[0]) == {"rating", "club"}
    wide = study.project.model_copy(update={"trunk": study.project.trunk.model_copy(update={"layers": 2})})
    assert under(study, wide).shape != study.shape and features_key(wide) == features_key(study.project)


def test_the_default_space_follows_the_tasks():
    study = tiny_study(tasks=("rating", "club"), settings={"train": {"device": "cpu"}})
    space = space_of(study)
    assert {"train.learning_rate", "trunk.width", "sharing.kind", "balance.kind"} <= set(space)
    check_space(study.project, space)
    assert space["sharing.kind"][0] == study.project.sharing.kind and len(space["sharing.kind"]) > 1
    alone = tiny_study(tasks=("rating",), settings={"train": {"device": "cpu"}})
    assert not {"sharing.kind", "balance.kind"} & set(space_of(alone))
    assert inside({"x": 3}, distributions({"x": SearchRange(low=1, high=4)}))
    assert not inside({"x": None}, distributions({"x": SearchRange(low=1.0, high=4.0)}))
    assert grid_of({"x": SearchRange(low=1, high=4), "y": SearchRange(low=0.01, high=10.0, log=True)}) == {
        "x": [1, 2, 3, 4],
        "y": pytest.approx([0.01, 0.1, 1.0, 10.0]),
    }
    open_kind = study.project.model_copy(update={"balance": study.project.balance.model_copy(update={"kind": AUTO})})
    assert settled(open_kind).balance.kind == "norm"


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ({"space": {"train.epochs": [0, 1]}}, "'train.epochs'"),
        ({"space": {"train.epochz": [1]}}, "unknown key"),
        (
            {"objective": "nothing", "space": {"train.epochs": [1]}},
            "known: mean, (rating|club), ",
        ),
    ],
)
def test_a_space_that_does_not_fit_is_refused(project, search, words):
    declared = Project.read(project, overrides={"search": search})
    with pytest.raises(ProjectError, match=words):
        check_space(declared, declared.search.space)


def test_counts_that_make_no_sense_are_refused(project, tmp_path):
    with pytest.raises(ProjectError, match="at least 1 for trials"):
        seek(Project.read(project), tmp_path, make=None, anew=None, budget="1m", trials=0)


def test_too_few_trials_tell_nothing(tmp_path, project):
    assert importance(open_trials(tmp_path, Project.read(project)), ["train.learning_rate"]) == {}
    assert best_of([{"a": 1.0}, {"a": 3.0}, {"a": 2.0}], lambda one, other: one["a"] - other["a"]) == {"a": 3.0}
