"""What training hears of its scores."""

from motet.evaluate import standard_error
from motet.stages.answer import answer, questions_of_role
from motet.stages.arms import judge, new_model, uncertainty
from motet.testing.study import tiny_study


def test_every_score_comes_with_its_error_over_the_questions_it_was_made_of():
    study = tiny_study(tasks=("rating", "buy", "next_item"))
    model = new_model(study, study.shape, seed=0).eval()
    errors, scores = uncertainty(study, study.shape)(model), judge(study, study.shape)(model)
    assert errors.keys() == scores.keys() == {"rating", "buy", "next_item"}
    asked = questions_of_role(study, "rating", "A")
    assert errors["rating"] == standard_error(answer(study, model, "rating", asked))
    assert all(0 < error < 2 for error in errors.values())
