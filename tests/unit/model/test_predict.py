import numpy as np
import pytest
import torch

from motet.features.asking import question_batches
from motet.model.predict import Predictor


def first_batch(study, task, most=30):
    questions = study.features.questions[study.features.state.views[task].name]
    chosen = questions.tasks[task].question_m[:most]
    starts = study.division.events.starts
    return next(iter(question_batches(questions, chosen, starts, max_history=study.shape.max_history)))[1]


@pytest.mark.parametrize(
    "task", ["next_item", "interest", "buy", "rating", "brand", "categories", "price", "sentiment"]
)
def test_answers_are_those_of_the_model(study, model, task):
    batch = first_batch(study, task)
    trunk = model.sharing.trunk_of(task)
    with torch.no_grad():
        vectors = model.vectors(trunk, study.tensors)
        (state,) = trunk(batch, study.tensors, vectors)
        head = model.head(task)
        expected = head.answer(head.scores(model.read(task, state), state, vectors))
    torch.testing.assert_close(Predictor(model, study.tensors).answers(task, batch), expected)


def test_several_tasks_are_answered_as_each_alone(study, model):
    batch, predictor = first_batch(study, "buy"), Predictor(model, study.tensors)
    both = predictor.all_answers(["buy", "rating"], batch)
    for task, answer in both.items():
        assert torch.equal(answer, predictor.answers(task, batch))


def test_what_is_asked_again_is_read_again(study, model, monkeypatch):
    """A batch holds no answers: who times an answer times the trunk."""
    batch, predictor = first_batch(study, "buy"), Predictor(model, study.tensors)
    passes, read = [], model.states
    monkeypatch.setattr(model, "states", lambda *given: passes.append(1) or read(*given))
    predictor.all_answers(["buy", "rating"], batch)
    predictor.all_answers(["buy", "rating"], batch)
    predictor.answers("buy", batch)
    assert len(passes) == 3


def test_rankings_are_the_models_scores(study, model):
    batch, predictor = first_batch(study, "next_item"), Predictor(model, study.tensors)
    scores = predictor.ranking_scores("next_item", predictor.ranking_states("next_item", batch))
    torch.testing.assert_close(scores.log_softmax(1), predictor.answers("next_item", batch))
    assert scores.shape[1] == study.shape.num_items


def test_an_answer_does_not_depend_on_the_other_questions(study, model):
    questions = study.features.questions[study.features.state.views["rating"].name]
    chosen = questions.tasks["rating"].question_m[:40]
    predictor, starts = Predictor(model, study.tensors), study.division.events.starts

    def answers(tokens):
        out = np.zeros((40, 5), np.float32)
        for place, batch in question_batches(questions, chosen, starts, max_history=10, tokens=tokens):
            out[place] = predictor.answers("rating", batch).numpy()
        return out

    np.testing.assert_allclose(answers(16_384), answers(1), atol=1e-5)


def test_the_catalogue_is_encoded_once_and_kept_while_it_is_the_same(study, model):
    from dataclasses import replace

    predictor = Predictor(model, study.tensors)
    trunk = model.sharing.trunk
    vectors = predictor.vectors(trunk)
    assert predictor.vectors(trunk) is vectors
    assert predictor.on(replace(study.tensors, profiles=None)).vectors(trunk) is vectors
    other = replace(study.tensors, items=replace(study.tensors.items, text=study.tensors.items.text.flip(0)))
    assert not torch.equal(predictor.on(other).vectors(trunk), vectors)


def test_a_predictor_puts_the_model_into_evaluation_mode(study, model):
    model.train()
    batch = first_batch(study, "rating")
    predictor = Predictor(model, study.tensors)
    assert torch.equal(predictor.answers("rating", batch), predictor.answers("rating", batch))
