"""A memory that is mixed into a ranking's probabilities."""

import numpy as np
import pytest
import torch
from scipy import sparse

from motet.features.memory import WINDOW, Memory, Recall, Recent
from motet.model.heads._mix import Gate, MemoryMix, parts_of
from motet.model.predict import Predictor
from motet.model.trunk.past import Past
from motet.stages.answer import questions_of_role
from motet.stages.together import batches_of

NUM = 4
GATE = Gate(follows=0.5, resembles=0.1, own=0.0, decay=0.5, shrink=2.0)


def matrix(cells):
    found = np.zeros((NUM, NUM), np.float32)
    for (row, column), value in cells.items():
        found[row, column] = value
    return sparse.csr_array(found)


@pytest.fixture
def recall():
    """0 was followed by 1 three times and by 2 once, 1 by 3 twice; 1 resembles 0. Asked: after 0, 1; after nothing."""
    memory = Memory(
        matrix({(0, 1): 3, (0, 2): 1, (1, 3): 2}), np.array([4, 2, 0, 0], np.float32), matrix({(1, 0): 0.8})
    )
    item = np.full((2, WINDOW), -1, np.int64)
    item[0, :2] = [1, 0]  # the last one first
    return Recall(memory, Recent(item, np.zeros(item.shape, bool), np.full(2, -1)))


@pytest.fixture
def mix():
    made = MemoryMix()
    made.set(GATE)
    return made


def test_a_mixture_by_hand(mix, recall):
    p = np.array([[0.4, 0.3, 0.2, 0.1], [0.4, 0.3, 0.2, 0.1]])
    follows = np.array([0, 0.5 * 3 / 6, 0.5 * 1 / 6, 1.0 * 2 / 4])  # of 0: half as much, one event earlier
    resembles = np.array([0.8, 0, 0, 0])
    wanted = p[0] + 0.5 * follows + 0.1 * resembles
    found = mix(torch.from_numpy(np.log(p)).float(), recall, None).exp().numpy()
    np.testing.assert_allclose(found, [wanted / wanted.sum(), p[1]], rtol=1e-5)


def test_it_is_a_distribution_whatever_the_scores(mix, recall):
    scores = torch.tensor([[300.0, -300.0, 0.0, 5.0], [0.0, 0.0, -900.0, 1.0]])
    found = mix(scores, recall, None)
    assert torch.isfinite(found).all(), "an item that the network all but rules out keeps its place in the order"
    torch.testing.assert_close(found.double().exp().sum(1), torch.ones(2).double())
    torch.testing.assert_close(found.log_softmax(dim=1), found)


def test_what_is_not_recalled_keeps_its_order(mix, recall):
    torch.manual_seed(0)
    scores = torch.randn(2, 500) * 20
    found = mix(scores, recall, None)
    assert (found[:, NUM:].argsort(dim=1) == scores[:, NUM:].argsort(dim=1)).all()
    assert (found[1].argsort() == scores[1].argsort()).all()


def test_shut_it_is_the_network(recall):
    scores = torch.randn(2, NUM)
    torch.testing.assert_close(MemoryMix()(scores, recall, None), scores.log_softmax(dim=1))


def test_the_own_past_counts_by_its_shares(recall):
    past = Past(torch.tensor([0, 0, 1]), torch.tensor([1, 3, 2]), torch.tensor([3.0, 1.0, 2.0]), torch.ones(3))
    own = parts_of(recall, past, NUM, GATE).own.toarray()
    np.testing.assert_allclose(own, [[0.75, 0, 0.25, 0], [0, 1, 0, 0]])
    mix = MemoryMix()
    mix.set(Gate(own=1.0))
    wanted = (0.25 + own) / 2
    np.testing.assert_allclose(mix(torch.zeros(2, NUM), recall, past).exp().numpy(), wanted, rtol=1e-5)


def test_a_gate_is_saved_with_the_weights(mix):
    other = MemoryMix()
    other.load_state_dict(mix.state_dict())
    assert other.get() == mix.get() and not other.get().shut
    assert MemoryMix().get().shut


def test_a_head_mixes_when_it_answers_and_not_while_it_learns(study, model):
    chosen = questions_of_role(study, "next_item", "test", most=30)
    _, batch = next(iter(batches_of(study, "next_item", chosen)))
    predictor, head = Predictor(model, study.tensors), model.head("next_item")
    ranking = predictor.ranking_states("next_item", batch)
    plain = predictor.ranking_scores("next_item", ranking)
    head.mix.set(Gate(follows=2.0, resembles=0.3))
    mixed = predictor.ranking_scores("next_item", ranking)
    torch.testing.assert_close(mixed, head.mix(plain, ranking.recall, ranking.past))
    assert (mixed - plain.log_softmax(dim=1)).abs().max() > 0.1
    parts = [predictor.ranking_scores("next_item", ranking[at : at + 7]) for at in range(0, len(mixed), 7)]
    torch.testing.assert_close(torch.cat(parts), mixed, rtol=1e-5, atol=1e-5)
    model.train()
    torch.testing.assert_close(predictor.ranking_scores("next_item", ranking), plain)


def test_the_loss_knows_nothing_of_the_gate(study, model, batches):
    losses = []
    for gate in (Gate(), Gate(follows=2.0)):
        model.head("next_item").mix.set(gate)
        found = [model.losses(batch, study.tensors) for batch in batches]
        losses.append(sum(float(each["next_item"].detach()) for each in found if "next_item" in each))
    assert losses[0] == losses[1] > 0
