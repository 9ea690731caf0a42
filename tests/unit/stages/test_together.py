import numpy as np
import pytest

from motet.evaluate import find
from motet.model.predict import Predictor
from motet.stages.answer import answer, answers, questions_of_role
from motet.stages.together import batches_of, batches_together


@pytest.fixture
def chosen(study):
    return {task: questions_of_role(study, task, "test") for task in study.examples}


def test_each_example_is_found_in_the_block_of_its_task(study, chosen):
    seen = {task: [] for task in chosen}
    for places, batch in batches_together(study, chosen):
        blocks = {block.view: block for block in batch.blocks}
        for task, place in places.items():
            seen[task] += place.at.tolist()
            view = study.features.state.views[task].name
            questions = study.features.questions[view]
            asked = questions.tasks[task].question_m[chosen[task][place.at]]
            if blocks[view].item_n is not None:
                assert (blocks[view].item_n[place.row] == questions.item_n[asked]).all()
    assert {task: sorted(each) for task, each in seen.items()} == {t: list(range(len(c))) for t, c in chosen.items()}


def test_together_every_task_is_answered_as_alone(study, model, chosen):
    together = answers(study, model, chosen, sliced=True)
    assert list(together) == list(chosen)
    for task, found in together.items():
        alone = answer(study, model, task, chosen[task], sliced=True)
        metric = find(study.project.tasks[task].primary)
        np.testing.assert_allclose(metric.value(found), metric.value(alone), rtol=1e-5, equal_nan=True)
        if found.score is not None:
            np.testing.assert_allclose(found.score, alone.score, atol=1e-4)
        else:
            assert (found.rank_n == alone.rank_n).mean() > 0.99 and found.top_nK.shape == alone.top_nK.shape


def test_a_history_is_read_once_for_all_tasks(study, model, chosen, monkeypatch):
    trunk, passes = model.sharing.trunk_of("next_item"), []
    read = trunk.history.forward
    monkeypatch.setattr(trunk.history, "forward", lambda *given: passes.append(len(given[3])) or read(*given))
    predictor = Predictor(model, study.tensors)
    asking = [task for task in chosen if "history" in study.features.state.views[task].sources and task != "friend"]
    answers(study, model, {task: chosen[task] for task in asking}, predictor=predictor)
    together = sum(passes)
    passes.clear()
    for task in asking:
        for _, batch in batches_of(study, task, chosen[task]):
            predictor.model.states(trunk, batch, study.tensors, predictor.vectors)
    assert together < sum(passes)
