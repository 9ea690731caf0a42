from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import motet
from motet.artifact import open_folder
from motet.artifact.layout import COMPRESSED
from motet.errors import RequestError
from motet.evaluate.calibrators.apply import applied
from motet.recommend.calibrated import NONE
from motet.stages import compressing
from motet.stages.answer import answer, questions_of_role
from motet.stages.compress_methods import METHODS, Given, drafted
from motet.stages.compressing import Candidate, against, compress_folder, size_of
from motet.stages.draft import COMPACT, draft_of, write_draft
from motet.stages.judging import reread
from motet.stages.pace import paces
from motet.stages.served_answers import Questions, served_answers
from motet.stages.watching import Watch
from motet.testing.project import tiny_project

TASKS = ("next_item", "buy", "rating", "brand", "sentiment", "club", "friend")


@pytest.fixture(scope="session")
def packed(tmp_path_factory):
    """A trained folder over tables in files."""
    folder = tmp_path_factory.mktemp("compress")
    project = motet.Project.read(tiny_project(folder, tasks=TASKS, settings={"train": {"epochs": 1}}))
    return motet.train(project, folder / "run").path


@pytest.fixture(scope="session")
def again(packed):
    return reread(packed)


def test_the_door_of_serving_answers_as_judging_does(packed, again):
    _, study, served = again
    bundle = motet.load(packed)
    for task, name in served.routes.items():
        at = questions_of_role(study, task, "test", most=40)
        judged = answer(study, served.models[name], task, at)
        asked = served_answers(study, bundle, Questions(task, at))
        if judged.output == "ranking":
            assert np.array_equal(judged.rank_n, asked.rank_n)
        else:
            expected = applied(judged, served.calibration.get(task, NONE))
            assert np.allclose(expected.score, asked.score, atol=1e-5) and np.array_equal(judged.label, asked.label)
        assert np.array_equal(judged.unit_n, asked.unit_n)
        assert (judged.other_n is None) == (task != "friend") and np.array_equal(judged.other_n, asked.other_n)


def test_a_smaller_form_is_written_with_its_certificate(packed, tmp_path):
    found = compress_folder(packed, tmp_path / "small", methods=["int8"], force=True)
    folder = open_folder(tmp_path / "small")
    assert folder.manifest.runtime == COMPACT and size_of(folder) < 0.4 * found.bytes
    told = folder.json(COMPRESSED)
    assert told["chosen"] == "int8" and set(told["candidates"][0]["tasks"]) == set(TASKS)
    assert told["candidates"][0]["pace"]["list_ms"] > 0 and "original" in told["candidates"][0]["tasks"]["buy"]
    assert {each["asked"] for each in told["candidates"][0]["tasks"].values()} == {"valid"}
    assert {each["asked"] for each in told["certificate"].values()} == {"test"} and set(told["certificate"]) == set(
        TASKS
    )
    bundle = motet.load(tmp_path / "small")
    user = bundle.loaded.users.users[0]
    assert len(bundle.recommend(user, k=3).items) == 3
    assert 0 <= bundle.predict("sentiment", ["a fine pan"])[0].probability <= 1
    assert "What did compressing cost?" in folder.text("report.html")
    assert not list(tmp_path.glob("*.candidates"))


def test_nothing_is_written_where_nothing_holds(packed, tmp_path, monkeypatch):
    def broken(draft, given):
        weights = draft.parts["model/weights.safetensors"]
        return replace(draft, parts={**draft.parts, "model/weights.safetensors": _scrambled(weights)})

    monkeypatch.setitem(METHODS, "int8", broken)
    found = compress_folder(packed, tmp_path / "worse", methods=["int8"])
    assert found.path is None and not (tmp_path / "worse").exists() and found.to_json()["chosen"] is None


def test_what_holds_on_validation_and_fails_on_test_is_not_written(packed, tmp_path, monkeypatch):
    def told(study, new, old, *, asked, margin=0.01):
        found = against(study, new, old, asked=asked)
        return {task: replace(each, worse=asked == "test" and task == "buy") for task, each in found.items()}

    monkeypatch.setattr(compressing, "against", told)
    found = compress_folder(packed, tmp_path / "small", methods=["int8"])
    assert found.chosen is not None and found.chosen.holds and found.failed == ["buy"]
    assert found.path is None and not (tmp_path / "small").exists()
    forced = compress_folder(packed, tmp_path / "small", methods=["int8"], force=True)
    assert forced.path is not None and forced.forced


def test_what_was_trained_for_one_form_serves_the_next(packed, tmp_path, monkeypatch):
    trained = []

    def counted(draft, given):
        known = len(given.trained)
        made = distil(draft, given)
        trained.append(len(given.trained) - known)
        return made

    distil = METHODS["distil"]
    monkeypatch.setitem(METHODS, "distil", counted)
    monkeypatch.setattr(compressing, "paces", partial(paces, rounds=1))
    monkeypatch.setattr(compressing, "MARGIN", 9.0)
    found = compress_folder(packed, tmp_path / "small", methods=["distil", "int8"], force=True)
    assert (
        [each.name for each in found.candidates][:2] == ["distil", "int8"] and trained[0] == 1 and 1 not in trained[1:]
    )
    folder = open_folder(found.path)
    if "distil" in found.chosen.methods:
        assert folder.json("model/shape")["width"] == 8
    bundle = motet.load(found.path)
    assert len(bundle.recommend(bundle.loaded.users.users[0], k=3).items) == 3


def test_narrow_and_thinned_weights_take_less_room_and_are_read_again(packed, again, tmp_path):
    folder, study, served = again
    given = Given(folder, study, served, tmp_path / "work", Watch())
    sizes, weights = [], "model/weights.safetensors"
    for methods in ((), ("int8",), ("prune",), ("prune", "int8"), ("narrow",), ("narrow", "prune", "int8")):
        draft = drafted(draft_of(folder), methods, given)
        sizes.append(len(draft.parts[weights]))
    whole, int8, prune, prune_int8, narrow, everything = sizes
    assert prune < 0.6 * whole and prune_int8 < 0.8 * int8 and narrow < 0.85 * whole and everything < prune_int8
    assert set(given.trained) == {("prune",), ("narrow",), ("narrow", "prune")} and draft.done == methods
    written = write_draft(draft, tmp_path / "small", folder)
    assert written.manifest.runtime == COMPACT and written.json("model/shape")["cuts"]
    bundle = motet.load(written.path)
    assert len(bundle.recommend(bundle.loaded.users.users[0], k=3).items) == 3
    assert 0 <= bundle.predict("sentiment", ["a fine pan"])[0].probability <= 1


def _scrambled(data):
    from motet.artifact.codec import decode_arrays, encode

    arrays = decode_arrays("w.safetensors", data)
    rng = np.random.default_rng(0)
    return encode(
        "w.safetensors", {key: rng.normal(size=each.shape).astype(np.float32) for key, each in arrays.items()}
    )[1]


def test_a_sure_difference_within_the_margin_is_not_worse(again):
    _, study, served = again
    at = questions_of_role(study, "buy", "test")
    old = answer(study, served.models[served.routes["buy"]], "buy", at)
    same = against(study, {"buy": old}, {"buy": old})["buy"]
    assert not same.worse and same.comparison.difference == 0.0
    wrong = replace(old, score=1 - 2 * old.label.astype(np.float32))
    assert against(study, {"buy": wrong}, {"buy": old})["buy"].worse


def test_both_folders_are_timed_on_the_same_questions(packed, again):
    bundle = motet.load(packed)
    first, second = paces(again[1], bundle, bundle, rounds=1)
    assert first.list_ms > 0 and second.lists > 0 and first.task == second.task == "brand"


def test_what_is_not_known_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(RequestError, match="no goal 'speed'"):
        compress_folder(tmp_path / "none", tmp_path / "out", goal="speed")
    with pytest.raises(RequestError, match="no method 'int3'"):
        compress_folder(tmp_path / "none", tmp_path / "out", methods=["int3"])


def test_methods_follow_their_own_order(packed):
    draft = draft_of(open_folder(packed))
    assert drafted(draft, (), None) is draft
    assert Candidate(("int8",), left_out="cannot").holds is False
