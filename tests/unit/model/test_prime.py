import numpy as np
import pytest
import torch

from motet.model.assemble import build
from motet.model.prime import prime


@pytest.fixture
def primed(study):
    model = build(study.shape, seed=0)
    prime(model, study.features.state.labels, study.features.arrays.items.count[1:])
    return model


def test_output_biases_answer_the_training_shares(study, primed):
    labels = study.features.state.labels
    bias = {task: primed.head(task).tower.out.bias.detach() for task in ("buy", "categories", "rating", "brand")}
    assert float(bias["buy"].sigmoid()) == pytest.approx(labels["buy"].prior[0], rel=1e-4)
    assert bias["categories"].sigmoid().numpy() == pytest.approx(
        np.clip(labels["categories"].prior, 0, 0.9999), rel=1e-4
    )
    for task in ("rating", "brand"):
        assert bias[task].softmax(0).numpy() == pytest.approx(np.asarray(labels[task].prior), rel=1e-3)


def test_numbers_start_at_their_mean(primed):
    assert not primed.head("price").tower.out.bias.any()


def test_rankings_know_how_popular_items_are(study, primed):
    count = torch.from_numpy(study.features.arrays.items.count[1:].astype(np.float32))
    assert torch.equal(primed.head("next_item").count_I, count)


def test_a_model_without_items_is_primed_as_well(study):
    model = build(study.shape.only("sentiment"), seed=0)
    prime(model, study.features.state.labels, None)
    share = study.features.state.labels["sentiment"].prior[0]
    assert float(model.head("sentiment").tower.out.bias.detach().sigmoid()) == pytest.approx(share, rel=1e-4)
