"""A folder in ONNX form answers as with torch, in a process where torch cannot be imported."""

import json
import subprocess
import sys
import tomllib
from copy import copy
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import tomli_w
import torch

import motet
from motet import workflow
from motet.artifact import open_folder
from motet.errors import ArtifactError, RequestError
from motet.features.columns import Plain
from motet.model.encoded import encoded
from motet.model.graphs import export_graphs
from motet.model.inputs import BagTensors
from motet.model.onnx_runtime import padded, plain_inputs
from motet.model.padded import PaddedBags, PaddedWords
from motet.model.parts import read_model
from motet.model.ranked_arrays import past_of
from motet.model.trunk.past import past_of as past_in_torch
from motet.model.trunk.text import sum_bags
from motet.recommend import History
from motet.stages.compress_methods import Given, drafted
from motet.stages.draft import draft_of, write_draft
from motet.stages.fusing import fuse
from motet.stages.tuning import Aim, tune
from motet.testing.project import tiny_project

pytest.importorskip("onnxscript")

WITHOUT_TORCH = """
import json, sys
from importlib.machinery import ModuleSpec

class Absent:
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name.partition(".")[0] == "torch" else None
    def create_module(self, spec):
        raise ImportError("there is no torch here")
    def exec_module(self, module):
        raise ImportError("there is no torch here")

sys.meta_path.insert(0, Absent())
import motet
bundle = motet.load(sys.argv[1])
found = bundle.recommend(bundle.loaded.users.users[0], k=5)
mood = bundle.predict("sentiment", ["a fine pan, it works well"])[0]
assert "torch" not in sys.modules
print(json.dumps([[[one.item, one.score] for one in found.items], mood.probability]))
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A trained folder and its ONNX form, with int8 weights in neither."""
    place = tmp_path_factory.mktemp("onnx")
    return both_forms(place, tiny_project(place, tasks=("next_item", "sentiment"), settings={"train": {"epochs": 1}}))


def both_forms(place, project):
    path = motet.train(motet.Project.read(project), place / "run").path
    folder = open_folder(path)
    served = read_model(folder, language="en", device=torch.device("cpu"))
    draft = drafted(draft_of(folder), ("onnx",), Given(folder, None, served, place, None))
    return path, write_draft(draft, place / "onnx", folder).path


def test_lists_and_predictions_are_those_of_torch_without_torch(folders):
    path, exported = folders
    bundle = motet.load(path)
    asked = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(exported)], capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr[-2000:]
    told, mood = json.loads(asked.stdout)
    found = bundle.recommend(bundle.loaded.users.users[0], k=5)
    assert [item for item, _ in told] == [one.item for one in found.items]
    assert np.allclose([score for _, score in told], [one.score for one in found.items], atol=1e-4)
    assert mood == pytest.approx(bundle.predict("sentiment", ["a fine pan, it works well"])[0].probability, abs=1e-5)


def test_events_without_texts_are_answered_alike(tmp_path):
    project = tiny_project(tmp_path, tasks=("next_item",), settings={"train": {"epochs": 1}})
    content = tomllib.loads(project.read_text(encoding="utf-8"))
    del content["tables"]["events"]["columns"]["query"]
    project.write_text(tomli_w.dumps(content), encoding="utf-8")
    one, other = (motet.load(path) for path in both_forms(tmp_path, project))
    user = one.loaded.users.users[0]
    found, told = ([(each.item, each.score) for each in bundle.recommend(user, k=5).items] for bundle in (one, other))
    assert [item for item, _ in told] == [item for item, _ in found]
    assert np.allclose([score for _, score in told], [score for _, score in found], atol=1e-4)


def test_histories_of_any_length_and_new_items_are_answered_alike(folders):
    scorers = [motet.load(path).loaded.scorer for path in folders]
    users = motet.load(folders[0]).loaded.users
    histories = [users.history(None), *(users.history(user) for user in users.users[:5])]
    one, other = (each.next_item_scores(each.states(histories)) for each in scorers)
    assert np.allclose(one, other, atol=1e-4) and np.allclose(np.exp(other).sum(1), 1, atol=1e-4)
    empty = [users.history(None)]
    one, other = (each.next_item_scores(each.states(empty)) for each in scorers)
    assert np.allclose(one, other, atol=1e-4)
    number = len(scorers[0].item_vectors)
    frame = pl.DataFrame(
        {"title": ["a red spoon"], "brand": [None], "price": [3.0]}, schema_overrides={"brand": pl.String}
    )
    more = [each.with_items(np.array([number], np.int32), frame) for each in scorers]
    one, other = (each.next_item_scores(each.states(histories)) for each in more)
    assert one.shape[1] == number + 1 and np.allclose(one, other, atol=1e-4)
    assert np.allclose(more[0].item_vectors, more[1].item_vectors, atol=1e-5)
    assert np.allclose(*(each.query_scores(["spoon"]) for each in scorers), atol=1e-4)
    with pytest.raises(RequestError, match="ONNX form"):
        scorers[1].embed(None)


def test_where_items_have_no_text_a_query_is_refused(folders):
    for scorer in [copy(motet.load(folder).loaded.scorer) for folder in folders]:
        served = scorer._served
        bare = replace(served.items, text=served.items.text[:, :0])
        for fewer in ({"items": bare}, {"items": None}, {"state": replace(served.state, whitening=None)}):
            scorer._served = replace(served, **fewer)
            with pytest.raises(RequestError, match="have no text"):
                scorer.query_scores(["spoon"])


def test_what_has_no_graph_is_refused(folders, monkeypatch):
    served = read_model(open_folder(folders[0]), language="en", device=torch.device("cpu"))
    monkeypatch.setattr(type(served.models["joint"]), "tuned", lambda self: [1])
    with pytest.raises(ArtifactError, match="no ONNX form"):
        export_graphs(served.models["joint"], ["next_item"])


def test_words_are_explained_as_with_torch(folders):
    torch_one, onnx_one = (
        motet.load(path).explain("sentiment", ["a fine pan, it works well"], method="leave_out")[0] for path in folders
    )
    assert [each.word for each in onnx_one.words] == [each.word for each in torch_one.words]
    amounts = [[each.amount for each in found.words] for found in (torch_one, onnx_one)]
    assert max(map(abs, amounts[0])) > 0
    np.testing.assert_allclose(amounts[1], amounts[0], atol=1e-4)
    with pytest.raises(RequestError, match="no gradients"):
        motet.load(folders[1]).explain("sentiment", ["a fine pan"])


@pytest.mark.parametrize(
    "ask",
    [
        workflow.evaluate,
        lambda path: motet.compress(path, f"{path}-small"),
        lambda path: fuse([path, path], f"{path}-fused"),
        lambda path: tune(path, Aim("next_item", 1.0)),
        lambda path: motet.update(path, f"{path}-2", events="new.csv"),
        lambda path: workflow.add_tasks(path, "new.toml", f"{path}-2"),
    ],
    ids=["evaluate", "compress", "fuse", "tune", "update", "add_tasks"],
)
def test_what_wants_weights_says_in_a_sentence_that_there_are_none(folders, ask):
    with pytest.raises(RequestError, match="has the ONNX form") as refused:
        ask(folders[1])
    assert refused.value.remedy == "Ask this of the model it was made from."


def test_padded_rows_say_what_ragged_ones_do():
    ids, starts = np.array([3, 1, 2], np.int32), np.array([0, 2, 2, 3])
    assert padded(ids, starts, np.int64).tolist() == [[3, 1], [0, 0], [2, 0]]
    plain = Plain(np.zeros((3, 1), np.int32), np.zeros((3, 0), np.float32), ids, starts)
    assert plain_inputs("x", plain)["x.weights"].tolist() == [[0.5, 0.5], [0.0, 0.0], [1.0, 0.0]]
    table, weights = torch.rand(5, 4), np.array([0.5, 2.0, 1.0], np.float32)
    ragged = BagTensors(torch.from_numpy(ids.astype(np.int64)), torch.from_numpy(starts), torch.from_numpy(weights))
    same = PaddedBags(
        torch.from_numpy(padded(ids, starts, np.int64)), torch.from_numpy(padded(weights, starts, np.float32))
    )
    assert torch.allclose(sum_bags(table, ragged), sum_bags(table, same))
    assert PaddedWords(same.ids).take(torch.tensor([2])).tolist() == [[2, 0]]


def test_pasts_are_those_of_torch():
    items = np.array([4, 4, -1, 2, 4], np.int32)
    row, item, count, near = past_of([History(items), History(items[:0])], window=4)
    told = past_in_torch(torch.from_numpy(items.astype(np.int64) + 1)[None], torch.tensor([5]), window=4)
    assert row.tolist() == told.row_p.tolist() and (item + 1).tolist() == told.item_p.tolist()
    assert count.tolist() == told.count_p.tolist() and np.allclose(near, told.nearness_p.numpy())


def test_users_are_encoded_up_to_the_longest_history(folders):
    served = read_model(open_folder(folders[0]), language="en", device=torch.device("cpu"))
    history = motet.load(folders[0]).loaded.users.history(None)
    long = replace(history, item_L=np.arange(6, dtype=np.int32))
    found = encoded(
        [replace(long, columns=pl.DataFrame({"event": ["view"] * 6}), time_L=None, text_LD=None)], served, 4
    )
    assert found.segments.event_BL.shape == (1, 4) and found.arrays.events.item_N.tolist() == [0, 3, 4, 5, 6]
