from dataclasses import replace

import numpy as np
import pytest
import torch

import motet
from motet.errors import RequestError
from motet.model.predict import Predictor
from motet.stages.answer import answer, questions_of_role
from motet.stages.draft import draft_of, write_draft
from motet.stages.judging import reread
from motet.stages.remaking import Remaking
from motet.stages.taught_encoder import with_student
from motet.stages.together import batches_of
from motet.stages.untuning import untuned
from motet.stages.watching import Watch

from ._student_folder import packed_with_bert


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTET_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield reread(packed_with_bert(tmp_path_factory.mktemp("tuned"), tune="lora"))


def test_fixed_vectors_answer_as_the_trained_language_model_did(again):
    _, study, served = again
    found, teach = untuned(study, served)
    assert not found.tuned and served.tuned and found.models["joint"].shape.language is None
    at = questions_of_role(study, "sentiment", "test")
    view = study.features.state.views["sentiment"].name
    texts = study.features.questions[view]
    rows, fit = study.tensors.rows[view], study.features.state.standardise[view]
    read = torch.from_numpy(fit.apply(teach(_row_texts(study, "sentiment"))))
    assert texts is not None and len(read) <= len(rows.text)
    text = rows.text.clone()
    text[: len(read)] = read
    tensors = replace(study.tensors, rows={**study.tensors.rows, view: replace(rows, text=text, tokens=None)})
    new, old = Predictor(found.models["joint"], tensors), Predictor(served.models["joint"], study.tensors)
    for _, batch in batches_of(study, "sentiment", at):
        np.testing.assert_allclose(new.answers("sentiment", batch), old.answers("sentiment", batch), atol=1e-4)


def test_the_catalogue_is_what_the_trained_model_read_last(again):
    _, study, served = again
    found, _ = untuned(study, served)
    language = served.models["joint"].tuned()[0]
    np.testing.assert_array_equal(found.items.text, language.items.numpy())
    tensors = replace(
        study.tensors, items=replace(study.tensors.items, text=language.items, text_masked=language.items_masked)
    )
    at = questions_of_role(study, "next_item", "test")
    new = answer(study, found.models["joint"], "next_item", at, predictor=Predictor(found.models["joint"], tensors))
    old = answer(study, served.models["joint"], "next_item", at)
    np.testing.assert_array_equal(new.rank_n, old.rank_n)


def test_a_student_takes_the_place_of_a_trained_language_model(again, tmp_path):
    folder, study, served = again
    draft = with_student(draft_of(folder), study, served, Remaking("student", tmp_path / "work", Watch()))
    assert not draft.served.tuned and not any(name.startswith("model/adapters") for name in draft.parts)
    bundle = motet.load(write_draft(draft, tmp_path / "small", folder).path)
    assert bundle.loaded.scorer.encoder.id.startswith("student:")
    assert 0 <= bundle.predict("sentiment", ["a fine pan"])[0].probability <= 1
    assert len(bundle.recommend(bundle.loaded.users.users[0], k=3).items) == 3


def test_a_frozen_one_has_nothing_to_take_out(again):
    _, study, served = again
    with pytest.raises(RequestError, match="0 language models"):
        untuned(study, untuned(study, served)[0])
    twice = replace(served, models={"joint": served.models["joint"], "twin": served.models["joint"]})
    with pytest.raises(RequestError, match="2 language models"):
        untuned(study, twice)


def _row_texts(study, task):
    from motet.language.template import row_texts

    view = study.features.state.views[task]
    return row_texts(study.division.inputs[view.table], view.text)
