import math

import pytest
import torch

from motet.model.losses import DELTA, binary_loss, class_loss, number_loss, prior_loss, tag_loss

P = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
LABEL = torch.tensor([0, 1])
YES = torch.tensor([0.8, 0.4])
BINARY = torch.tensor([1.0, 0.0])
TAGS = torch.tensor([[0.9, 0.2], [0.5, 0.25]])
THERE = torch.tensor([[1.0, 0.0], [0.0, 1.0]])


def near(found, wanted):
    assert float(found) == pytest.approx(wanted, rel=1e-5)


def test_cross_entropy_by_hand():
    near(class_loss(P.log(), LABEL), -(math.log(0.7) + math.log(0.3)) / 2)
    near(binary_loss(YES.logit(), BINARY), -(math.log(0.8) + math.log(0.6)) / 2)
    near(tag_loss(TAGS.logit(), THERE), -(math.log(0.9) + math.log(0.8) + math.log(0.5) + math.log(0.25)) / 4)


def test_integrated_by_hand():
    first = -math.log(0.7) + 1 - 0.7 / math.sqrt(0.49 + 0.04 + 0.01)
    second = -math.log(0.3) + 1 - 0.3 / math.sqrt(0.01 + 0.09 + 0.36)
    near(class_loss(P.log(), LABEL, "integrated"), (first + second) / 2)
    first = -math.log(0.8) + 1 - 0.8 / math.hypot(0.8, 0.2)
    second = -math.log(0.6) + 1 - 0.6 / math.hypot(0.6, 0.4)
    near(binary_loss(YES.logit(), BINARY, "integrated"), (first + second) / 2)
    plain = float(tag_loss(TAGS.logit(), THERE))
    cosines = 0.9 / math.hypot(0.9, 0.2), 0.25 / math.hypot(0.5, 0.25)
    near(tag_loss(TAGS.logit(), THERE, "integrated"), plain + 1 - sum(cosines) / 2)


def test_a_question_without_tags_has_no_cosine():
    none = torch.zeros(1, 2)
    near(tag_loss(TAGS[:1].logit(), none, "integrated"), float(tag_loss(TAGS[:1].logit(), none)))


def test_focal_by_hand():
    near(class_loss(P.log(), LABEL, "focal"), -(0.3**2 * math.log(0.7) + 0.7**2 * math.log(0.3)) / 2)
    near(binary_loss(YES.logit(), BINARY, "focal"), -(0.2**2 * math.log(0.8) + 0.4**2 * math.log(0.6)) / 2)
    cells = [(0.1, 0.9), (0.2, 0.8), (0.5, 0.5), (0.75, 0.25)]
    near(tag_loss(TAGS.logit(), THERE, "focal"), -sum(miss**2 * math.log(hit) for miss, hit in cells) / 4)


@pytest.mark.parametrize("kind", ["", "cross_entropy", "integrated", "focal"])
def test_weights_multiply_what_a_label_costs(kind):
    weight_C = torch.tensor([2.0, 5.0, 1.0])
    parts = [float(class_loss(P[row : row + 1].log(), LABEL[row : row + 1], kind)) for row in (0, 1)]
    near(class_loss(P.log(), LABEL, kind, weight_C), (2 * parts[0] + 5 * parts[1]) / 2)
    parts = [float(binary_loss(YES[row : row + 1].logit(), BINARY[row : row + 1], kind)) for row in (0, 1)]
    near(binary_loss(YES.logit(), BINARY, kind, torch.tensor([3.0, 7.0])), (7 * parts[0] + 3 * parts[1]) / 2)


def test_weights_of_tags_are_those_of_the_tags_that_are_there():
    found = tag_loss(TAGS.logit(), THERE, "", torch.tensor([2.0, 5.0]))
    near(found, -(2 * math.log(0.9) + math.log(0.8) + math.log(0.5) + 5 * math.log(0.25)) / 4)


@pytest.mark.parametrize("kind", ["", "integrated", "focal"])
@pytest.mark.parametrize("weight", [None, torch.tensor([2.0, 5.0, 1.0])])
def test_a_label_that_training_never_showed_costs_nothing(kind, weight):
    logits = torch.cat([P.log(), torch.zeros(1, 3)]).requires_grad_()
    loss = class_loss(logits, torch.tensor([0, 1, -1]), kind, weight)
    near(loss.detach(), float(class_loss(P.log(), LABEL, kind, weight)))
    loss.backward()
    assert not logits.grad[2].any() and torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("kind", ["", "integrated", "focal"])
def test_gradients_stay_finite_at_extreme_scores(kind):
    for size in (80.0, -80.0):
        logits = torch.tensor([[size, -size]], requires_grad=True)
        own = logits[:, 0]
        total = class_loss(logits, torch.tensor([0]), kind) + binary_loss(own, torch.tensor([1.0]), kind)
        (total + tag_loss(logits, torch.tensor([[1.0, 0.0]]), kind)).backward()
        assert torch.isfinite(logits.grad).all()


def test_errors_of_numbers_by_hand():
    value, label = torch.tensor([0.1, 2.0]), torch.zeros(2)
    near(number_loss(value, label, "squared"), (0.01 + 4) / 2)
    near(number_loss(value, label, "absolute"), 2.1 / 2)
    huber = (0.5 * 0.01 + DELTA * (2 - DELTA / 2)) / 2
    near(number_loss(value, label, "huber"), huber)
    near(number_loss(value, label), huber)


@pytest.mark.parametrize("kind", ["", "integrated", "focal"])
def test_the_priors_loss_is_the_mean_loss_of_answering_the_prior(kind):
    label = torch.tensor([0] * 6 + [1] * 3 + [2])
    logits = torch.tensor([0.6, 0.3, 0.1]).log().expand(10, -1)
    weights = (1.0, 2.0, 4.0)
    wanted = float(class_loss(logits, label, kind, torch.tensor(weights)))
    assert prior_loss("class", (0.6, 0.3, 0.1), kind, weights) == pytest.approx(wanted, rel=1e-5)
    yes = torch.tensor([1.0] * 3 + [0.0] * 7)
    wanted = float(binary_loss(torch.full((10,), 0.3).logit(), yes, kind, torch.tensor([1.0, 5.0])))
    assert prior_loss("binary", (0.3,), kind, (1.0, 5.0)) == pytest.approx(wanted, rel=1e-5)
    there = torch.tensor([[1.0, 0.0]] * 5 + [[0.0, 1.0]] * 5)
    wanted = float(tag_loss(torch.full((10, 2), 0.5).logit(), there, kind, torch.tensor([2.0, 3.0])))
    assert prior_loss("tags", (0.5, 0.5), kind, (2.0, 3.0)) == pytest.approx(wanted, rel=1e-5)
