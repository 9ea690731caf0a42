"""A language model in training, from tables to answers: kept, resumed, packed, and read again to the same numbers."""

import importlib.util
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

import motet
from motet.artifact import open_folder
from motet.errors import ArtifactError
from motet.recommend.port import Asked
from motet.stages.answer import answer, questions_of_role
from motet.stages.arms import train_arm
from motet.testing import tiny_in_memory, tiny_shop
from motet.workflow import check, prepare, train

_AT = Path(__file__).parents[1] / "unit" / "language" / "_tiny_model.py"
_SPEC = importlib.util.spec_from_file_location("_tiny_model", _AT)
_TINY = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_TINY)

TASKS = ("next_item", "brand", "sentiment")


def project_of(folder, **train_settings):
    encoder = {"name": str(folder), "tune": "lora", "rank": 2, "items": 4, "max_tokens": 16, "learning_rate": 3e-2}
    settings = {
        "encoder": encoder,
        "train": {"epochs": 1, "batch": 256, "device": "cpu", "head_start": False, **train_settings},
    }
    return tiny_in_memory(tiny_shop(0, users=24, items=30), tasks=TASKS, settings=settings)


@pytest.fixture(scope="module")
def language(tmp_path_factory):
    return _TINY.write_tiny_bert(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def packed(language, tmp_path_factory):
    project, out = project_of(language), tmp_path_factory.mktemp("runs") / "tuned"
    train(project, out)
    return project, out


def test_answers_are_those_of_training(packed):
    project, out = packed
    study, scorer = prepare(check(project)), motet.load(out, device="cpu").loaded.scorer
    model = scorer._served.models["joint"]
    assert max(float(weight.detach().abs().max()) for weight in model.tuned()[0].weights.values()) > 0
    chosen = questions_of_role(study, "sentiment", "test")
    judged = answer(study, model, "sentiment", chosen).score
    rows = study.examples["sentiment"].row_n[chosen]
    texts = study.division.inputs["reviews"]["text"].gather(rows).fill_null("").to_list()
    served = scorer._answers("sentiment", Asked(n=len(texts), texts=texts))
    np.testing.assert_allclose(served, judged, atol=1e-4)
    frozen = {name: torch.zeros_like(weight) for name, weight in model.tuned()[0].weights.items()}
    model.tuned()[0].weights.update({name: torch.nn.Parameter(value) for name, value in frozen.items()})
    assert not np.allclose(scorer._answers("sentiment", Asked(n=len(texts), texts=texts)), judged, atol=1e-3)


def test_a_new_item_is_read_by_the_trained_model(packed):
    _, out = packed
    scorer = motet.load(out, device="cpu").loaded.scorer
    known = pl.DataFrame({"item": ["x"], "title": ["violin piano"], "brand": [None], "categories": [None]})
    grown = scorer.with_items(np.array([2, len(scorer._served.items.count) - 1], np.int32), pl.concat([known, known]))
    model, items = scorer._served.models["joint"], grown._items
    text = model.tuned()[0].as_read(items).text.detach()
    torch.testing.assert_close(text[3], text[-1], atol=1e-5, rtol=1e-4)
    own = model.tuned()[0].items
    assert len(text) == len(own) + 1 and torch.equal(text[4 : len(own)], own[4:])
    assert not torch.allclose(text[3], items.text[3], atol=1e-3)
    scores = grown.query_scores(["violin piano"])
    assert scores.shape == (1, len(own)) and scores[0].argmax() in (2, len(own) - 1)


def test_adapters_lie_in_a_file_of_their_own_and_are_checked(packed, tmp_path):
    _, out = packed
    kept = open_folder(out).arrays("model/adapters")
    assert any("lora_A" in name for name in kept) and any(name.endswith("language.items") for name in kept)
    assert not any("language" in name for name in open_folder(out).arrays("model/weights"))
    broken = out / "model" / "adapters.safetensors"
    content = broken.read_bytes()
    try:
        broken.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(ArtifactError):
            motet.load(out, device="cpu")
    finally:
        broken.write_bytes(content)


def test_an_interrupted_run_ends_with_the_same_weights(language, tmp_path):
    study = prepare(check(project_of(language, epochs=2)))
    whole = train_arm(study, task="sentiment", seed=0)
    train_arm(study, task="sentiment", seed=0, checkpoints=tmp_path, budget_seconds=0.0)
    again = train_arm(study, task="sentiment", seed=0, checkpoints=tmp_path)
    for one, other in zip(whole.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)
