"""From a folder to answers, with a runtime found by name."""

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from motet.artifact import Folder, open_folder, write_folder
from motet.errors import ArtifactError, RequestError
from motet.recommend import Asked, Bundle, Prediction, forget, load
from motet.recommend.runtime import RUNTIMES

from .conftest import TinyScorer, make_catalogue, make_users


@dataclass
class TinyRuntime:
    @staticmethod
    def open(folder: Folder, *, device: str = "auto") -> TinyScorer:
        return TinyScorer(next_item=folder.arrays("model/weights")["next_item"])


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    module = ModuleType("tiny_runtime_of_the_tests")
    module.TinyRuntime = TinyRuntime  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(RUNTIMES, "tiny", f"{module.__name__}:TinyRuntime")
    parts = {
        **make_catalogue().to_parts(),
        **make_users().to_parts(),
        "model/weights": {"next_item": TinyScorer().next_item},
        "project.toml": '[project]\nname = "tiny"\nlanguage = "zh"\n',
    }
    write_folder(tmp_path / "model", parts, name="tiny", seed=0, runtime="tiny")
    return tmp_path / "model"


@pytest.fixture
def bundle(path: Path) -> Bundle:
    return load(path)


def last_asked(bundle: Bundle) -> Asked:
    asked = bundle.loaded.scorer.seen[-1]  # type: ignore[attr-defined]
    assert isinstance(asked, Asked)
    return asked


def test_recommend(bundle: Bundle) -> None:
    ranked = bundle.recommend("ann", k=2, explain=True)
    assert [one.item for one in ranked.items] == ["bread", "cheese"]
    assert bundle.recommend(k=1, explain=True).items[0].reasons == ("热门：全部用户共 9 次",)
    assert [len(one) for one in bundle.recommend_many(["ann", "zed"], k=3)] == [3, 3]
    assert bundle.recommend("ann", k=2, weights=None).source == "history"


def test_an_unknown_option_is_answered_with_the_known_ones(bundle: Bundle) -> None:
    with pytest.raises(RequestError, match="Did you mean 'weights'"):
        bundle.recommend("ann", weight={"buy": 1})


def test_predict_by_text(bundle: Bundle) -> None:
    assert bundle.predict("sentiment", ["fine", "half \ud83d"]) == [Prediction(probability=0.5)] * 2
    asked = last_asked(bundle)
    assert asked.texts == ["fine", "half ?"] and asked.histories is None and asked.items_n is None
    assert len(bundle.predict("sentiment", "one text")) == 1
    assert bundle.predict("sentiment", []) == []


def test_predict_by_row_in_any_form(bundle: Bundle) -> None:
    frame = pl.DataFrame({"body": ["a", "b", "c"]})
    forms: list[Any] = [frame, frame.to_arrow(), pd.DataFrame({"body": ["a", "b", "c"]})]
    for form in forms:
        assert len(bundle.predict("sentiment", frame=form)) == 3
        assert last_asked(bundle).frame.equals(frame)  # type: ignore[union-attr]
    assert len(bundle.predict("sentiment", rows=[{"body": "a"}, {"body": None}])) == 2
    assert isinstance(forms[1], pa.Table)


def test_predict_by_user_and_item(bundle: Bundle) -> None:
    assert len(bundle.predict("buy", users=["ann", "zed"], items=["figs", "apple"])) == 2
    asked = last_asked(bundle)
    assert asked.items_n.tolist() == [5, 0]  # type: ignore[union-attr]
    assert [len(history) for history in asked.histories or ()] == [2, 0]
    bundle.predict("buy", users="ann", items=["figs", "apple", "eggs"])
    assert [len(history) for history in last_asked(bundle).histories or ()] == [2, 2, 2]
    bundle.predict("buy", frame=pl.DataFrame({"user": ["ann", "bob"], "item": ["figs", "nope"]}))
    assert last_asked(bundle).items_n.tolist() == [5, -1]  # type: ignore[union-attr]


def test_predict_by_item_or_by_its_columns(bundle: Bundle) -> None:
    bundle.predict("brand", items=["figs"])
    assert last_asked(bundle).items_n.tolist() == [5]  # type: ignore[union-attr]
    bundle.predict("brand", rows=[{"title": "new"}, {"title": "newer"}])
    assert last_asked(bundle).items_n.tolist() == [-1, -1]  # type: ignore[union-attr]


def test_predict_by_user(bundle: Bundle) -> None:
    assert len(bundle.predict("spend", users=["ann", "bob"])) == 2
    assert last_asked(bundle).items_n is None


@pytest.mark.parametrize(
    ("task", "given", "words"),
    [
        ("sentimnet", {"texts": ["x"]}, "Did you mean 'sentiment'"),
        ("next_item", {"users": ["ann"]}, "recommend"),
        ("sentiment", {}, "needs texts"),
        ("buy", {"users": ["ann"]}, "needs items"),
        ("buy", {"items": ["figs"]}, "needs users"),
        ("buy", {"users": ["ann", "bob"], "items": ["figs"] * 3}, "differ in number"),
        ("buy", {"users": ["ann"], "items": ["nope"]}, "no item 'nope'"),
        ("brand", {}, "needs items"),
        ("sentiment", {"rows": [{"body": "x"}], "frame": pl.DataFrame({"body": ["x"]})}, "both"),
        ("sentiment", {"frame": 17}, "cannot be read as a table"),
        ("sentiment", {"rows": ["x", {"body": "x"}]}, "cannot be read as a table"),
    ],
)
def test_what_predict_refuses(bundle: Bundle, task: str, given: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError) as caught:
        bundle.predict(task, **given)
    assert words in str(caught.value) and caught.value.remedy


def test_prediction_json_has_all_fields_and_no_nan() -> None:
    assert Prediction(value=float("nan")).to_json() == {"label": None, "probability": None, "value": None}
    assert Prediction("a", 0.25).to_json() == {"label": "a", "probability": 0.25, "value": None}


def test_similar(bundle: Bundle) -> None:
    assert bundle.similar("apple", k=2) == [("dates", pytest.approx(1.0)), ("eggs", pytest.approx(0.8))]
    with pytest.raises(RequestError, match="Did you mean 'apple'"):
        bundle.similar("appel")
    with pytest.raises(RequestError, match="k to be"):
        bundle.similar("apple", k=0)


def test_nothing_is_read_after_loading(path: Path) -> None:
    import shutil

    bundle = load(path)
    shutil.rmtree(path)
    assert len(bundle.recommend("ann", explain=True)) == 5


def test_an_unknown_runtime_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path / "m", make_catalogue().to_parts(), name="x", seed=0, runtime="os:system")
    with pytest.raises(ArtifactError, match="runtime 'os:system'"):
        load(tmp_path / "m")


def test_forget_erases_every_byte(path: Path) -> None:
    before = load(path).recommend("bob").to_json()
    forget(path, "ann")
    for file in path.rglob("*"):
        assert not file.is_file() or b"ann" not in file.read_bytes(), file
    bundle = load(path)
    assert bundle.recommend("ann").source == "popular"
    assert bundle.recommend("bob").to_json() == before
    with pytest.raises(RequestError, match="holds nothing of user 'ann'"):
        forget(path, "ann")
    assert np.array_equal(open_folder(path).arrays("model/weights")["next_item"], TinyScorer().next_item)


def test_recommending_needs_no_torch() -> None:
    import subprocess

    code = "import sys, motet.recommend; sys.exit('torch' in sys.modules or 'motet.model' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
