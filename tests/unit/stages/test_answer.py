from dataclasses import replace

import numpy as np
import pytest

from motet.baseline import Answer
from motet.evaluate import compare
from motet.features.asking import question_batches
from motet.model.predict import Predictor
from motet.schema import TEST, TRAIN, VALID
from motet.stages import answer as answers
from motet.stages.answer import answer, questions_of_role, seen_items, slices_of
from motet.stages.arms import new_model
from motet.stages.baselining import baseline_predictions
from motet.testing.study import tiny_study


def test_roles_are_the_parts_and_the_halves_make_validation(study):
    for task, examples in study.examples.items():
        for role, part in (("train", TRAIN), ("valid", VALID), ("test", TEST)):
            assert (examples.part_n[questions_of_role(study, task, role)] == part).all()
        halves = [set(questions_of_role(study, task, role).tolist()) for role in ("A", "B")]
        assert not halves[0] & halves[1]
        assert halves[0] | halves[1] == set(questions_of_role(study, task, "valid").tolist())


def test_a_user_is_in_one_half_whatever_the_task(study):
    def units(task, role):
        return set(study.examples[task].unit.gather(questions_of_role(study, task, role)).to_list())

    assert units("next_item", "A") and units("next_item", "B")
    assert not units("next_item", "A") & units("rating", "B")
    assert not units("next_item", "B") & units("rating", "A")


def test_many_questions_are_thinned_evenly(study):
    whole = questions_of_role(study, "next_item", "train")
    thin = questions_of_role(study, "next_item", "train", most=10)
    assert len(thin) == 10 and set(thin) <= set(whole) and thin[0] == whole[0] and thin[-1] == whole[-1]
    assert np.array_equal(questions_of_role(study, "next_item", "train", most=10**6), whole)


def by_hand(study, model, position):
    """The rank of a next item among all that the user has not had, ties counted against it."""
    examples, events = study.examples["next_item"], study.division.events
    questions = study.features.questions[study.features.state.views["next_item"].name]
    asked = questions.tasks["next_item"].question_m[[position]]
    ((_, batch),) = question_batches(questions, asked, events.starts, max_history=10)
    scores = Predictor(model, study.tensors).answers("next_item", batch).numpy()[0]
    user, cut = examples.user_n[position], examples.cut_n[position]
    seen = set(events.item_N[events.starts[user] : events.starts[user] + cut].tolist())
    target = examples.label[int(position)]
    return sum(scores[item] >= scores[target] for item in range(len(scores)) if item != target and item not in seen)


def test_ranks_are_among_all_items_that_the_user_has_not_had(study, model):
    chosen = questions_of_role(study, "next_item", "test", most=9)
    found = answer(study, model, "next_item", chosen, sliced=True)
    assert found.rank_n.tolist() == [by_hand(study, model, position) for position in chosen]
    assert found.num_items == study.shape.num_items and found.top_nK.shape == (9, 10)
    seen = seen_items(study, "next_item", chosen)
    assert all(not set(row) & set(had) for row, had in zip(found.top_nK.tolist(), seen, strict=True))


def test_catalogues_too_large_for_memory_are_ranked_in_pieces(study, model, monkeypatch):
    chosen = questions_of_role(study, "next_item", "test")
    whole = answer(study, model, "next_item", chosen, sliced=True)
    monkeypatch.setattr(answers, "RANK_CELLS", 3 * study.shape.num_items)
    pieces = answer(study, model, "next_item", chosen, sliced=True)
    assert np.array_equal(whole.rank_n, pieces.rank_n) and np.array_equal(whole.top_nK, pieces.top_nK)


def test_where_items_may_return_nothing_is_hidden(study):
    tasks = {
        **study.project.tasks,
        "next_item": study.project.tasks["next_item"].model_copy(update={"repeats": "allow"}),
    }
    free = replace(study, project=study.project.model_copy(update={"tasks": tasks}))
    chosen = questions_of_role(study, "next_item", "test")
    assert seen_items(free, "next_item", chosen) is None
    assert len(seen_items(study, "next_item", chosen)) == len(chosen)


@pytest.mark.parametrize("task", ["rating", "sentiment", "brand", "club"])
def test_answers_stand_beside_their_labels(study, model, task):
    chosen = questions_of_role(study, task, "test")
    found = answer(study, model, task, chosen)
    labels = study.features.state.labels[task]
    assert len(found.score) == len(found.label) == len(chosen) and found.output == labels.output
    known = study.examples[task].label.gather(chosen)
    if task == "rating":
        assert found.label.tolist() == known.to_list() and found.levels_C.tolist() == list(labels.levels)
    elif task == "sentiment":
        assert found.label.tolist() == [float(one) for one in known]
    else:
        assert [labels.classes[int(one)] for one in found.label] == known.to_list()
    assert found.unit_n.tolist() == study.examples[task].unit.gather(chosen).to_list()


def test_the_order_of_questions_does_not_matter(study, model):
    chosen = questions_of_role(study, "rating", "test")
    one, other = answer(study, model, "rating", chosen), answer(study, model, "rating", chosen[::-1])
    np.testing.assert_allclose(one.score, other.score[::-1], atol=1e-5)


def test_slices_name_groups_by_what_was_known(study):
    chosen = questions_of_role(study, "next_item", "test")
    slices = slices_of(study, "next_item", chosen)
    count = study.features.arrays.items.count[study.examples["next_item"].label.gather(chosen).to_numpy() + 1]
    for name, low, high in (("cold (never seen)", 0, 0), ("rare (1-9)", 1, 9), ("known (10-49)", 10, 49)):
        assert ((slices["item"] == name) == ((count >= low) & (count <= high))).all()
    history = study.examples["next_item"].cut_n[chosen]
    assert ((slices["history"] == "5-19 events") == ((history >= 5) & (history < 20))).all()
    assert set(slices_of(study, "sentiment", questions_of_role(study, "sentiment", "test"))["text"]) == {"short"}


def test_pairs_are_grouped_by_whom_both_know():
    study = tiny_study(tasks=("friend",))
    examples = study.examples["friend"]
    chosen = questions_of_role(study, "friend", "train")
    found = slices_of(study, "friend", chosen)
    users = study.division.events.users.to_list()
    known = {user: set() for user in users}
    frame = study.division.tables.frame("friends").filter(study.division.task_parts["friend"] == TRAIN)
    for a, b in frame.select("@user", "@other").iter_rows():
        known[a].add(b)
        known[b].add(a)
    for at, group in zip(chosen, found["common neighbours"], strict=True):
        shared = len(known[users[examples.user_n[at]]] & known[users[examples.other_n[at]]])
        wanted = "none" if shared == 0 else "1-2 users" if shared < 3 else "3-9 users" if shared < 10 else "10+ users"
        assert group == wanted
    assert set(found) == {"history", "common neighbours"} and len(set(found["common neighbours"])) > 1


def test_answers_about_pairs_know_both_users():
    study = tiny_study(tasks=("friend", "rating"))
    model = new_model(study, study.shape, seed=0)
    chosen = {task: questions_of_role(study, task, "test") for task in ("friend", "rating")}
    found = answers.answers(study, model, chosen)
    examples, users = study.examples["friend"], study.division.events.users
    assert found["friend"].unit_n.tolist() == users.gather(examples.user_n[chosen["friend"]]).to_list()
    assert found["friend"].other_n.tolist() == users.gather(examples.other_n[chosen["friend"]]).to_list()
    assert found["rating"].other_n is None
    labels = study.features.state.labels["friend"]
    given = Answer(score=found["friend"].score)
    simple = baseline_predictions(examples, labels, study.division, given, chosen["friend"])
    assert simple.other_n.tolist() == found["friend"].other_n.tolist()
    assert compare([found["friend"]], [simple]).difference == 0
