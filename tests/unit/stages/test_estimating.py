import pytest
import torch
from language._tiny_model import write_tiny_bert

from motet.stages.estimating import pass_seconds
from motet.stages.running import run_one
from motet.stages.watching import Watch
from motet.testing import tiny_shop
from motet.testing.study import tiny_study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = write_tiny_bert(tmp_path_factory.mktemp("bert"))
    encoder = {"name": str(folder), "tune": "lora", "rank": 2, "layers": 1, "max_tokens": 16, "items": 4}
    settings = {"encoder": encoder, "train": {"epochs": 1, "batch": 512, "device": "cpu"}}
    return tiny_study(tiny_shop(0, users=16, items=20), tasks=("sentiment", "next_item"), settings=settings)


def test_a_pass_takes_some_time_and_nothing_is_touched(study):
    torch.manual_seed(0)
    before, items = torch.random.get_rng_state(), study.tensors.items.text.clone()
    for task in (None, "sentiment"):
        seconds = pass_seconds(study, task)
        assert seconds is not None and 0 < seconds < 60
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.equal(items, study.tensors.items.text)


def test_a_frozen_model_needs_no_estimate():
    frozen = tiny_study(tiny_shop(0, users=16, items=20), tasks=("sentiment",))
    assert pass_seconds(frozen) is None


def test_it_is_told_before_training_begins(study, tmp_path):
    told = []

    class Heard(Watch):
        def estimated(self, seconds, epochs):
            told.append((seconds > 0, epochs))

        def listeners(self, arm, seed):
            told.append(arm)
            return ()

    run_one(study, "sentiment", out=tmp_path / "out", resume=False, watch=Heard())
    assert told == [(True, 1), "sentiment"]
