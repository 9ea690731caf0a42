"""Whole runs with balancers that look at gradients or remember."""

from importlib.util import find_spec

import pytest

from motet.testing.study import tiny_study
from motet.train.balance import BALANCERS
from motet.train.balance._torchjd import TorchjdBalancer

from .._runs import Judge, Notes, digest, rising, run

EPOCHS = 3
KINDS = ["famo", "uncertainty", "gradnorm", "metabalance", "nashmtl", "pcgrad", "cagrad", "upgrad"]


@pytest.fixture(scope="module")
def short():
    """A study with two or three steps to an epoch."""
    settings = {"train": {"epochs": EPOCHS, "batch": 512, "patience": 9, "device": "cpu"}}
    return tiny_study(tasks=("next_item", "rating", "buy"), settings=settings)


@pytest.mark.parametrize("kind", KINDS)
def test_it_trains_and_goes_on_to_the_same_weights(short, kind, tmp_path):
    if issubclass(BALANCERS.get(kind), TorchjdBalancer) and not (find_spec("torchjd") and find_spec("cvxpy")):
        pytest.skip("torchjd is not installed: pip install -e '.[balance]'")
    whole = run(short, Judge(rising(short, EPOCHS)), balance=kind)
    assert all(whole.log[-1][f"loss/{task}"] < whole.log[0][f"loss/{task}"] for task in short.shape.tasks)
    with pytest.raises(KeyboardInterrupt):
        run(short, Judge(rising(short, EPOCHS)), notes=Notes(stop_step=(1, 2)), balance=kind, checkpoints=tmp_path)
    rest = run(short, Judge(rising(short, EPOCHS)[1:]), balance=kind, checkpoints=tmp_path)
    assert digest(rest.model) == digest(whole.model)
