"""A student in place of the language model: new texts are read by static word vectors that imitate it.

What the folder already holds of texts (the catalogue's vectors, users' searches) stays as the teacher read it.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import partial

import tomli_w

from motet.artifact import layout
from motet.artifact.manifest import EncoderInfo
from motet.errors import RequestError
from motet.language.cache import encode_cached
from motet.language.encoders.student import Student, thinned
from motet.model.parts import Served, encoder_parts
from motet.stages.accustoming import accustomed, read_by
from motet.stages.draft import Draft
from motet.stages.packing import item_vectors
from motet.stages.remaking import Remaking
from motet.stages.study import Study
from motet.stages.texts import fitting_texts
from motet.stages.untuning import Teach, untuned


def with_student(draft: Draft, study: Study, served: Served, going: Remaking) -> Draft:
    """Return the draft read by a student of its encoder, which learns from the project's training texts.

    Where rows' texts are read, the models get used to it in a short training. Raises RequestError for an encoder that
    was itself fitted on them, and as `untuned` does.
    """
    encoder = study.encoder
    if encoder is None or not encoder.pretrained:
        raise RequestError("No language model reads texts here: there is none to learn from.", "Leave 'student' out.")
    teach: Teach = partial(encode_cached, encoder)
    before = served
    if served.tuned:
        served, teach = untuned(study, served)
        draft = draft.with_models(served, None)
    student = Student(lambda texts: encoder)
    texts = thinned(fitting_texts(study.division, study.features.state.views))
    student.learn(texts, teach(texts), encoder.id, teach)
    if any("text" in view.sources for view in study.features.state.views.values()):
        taught = read_by(study, student, served)
        served = accustomed(study, taught, before, served, going)
        draft = draft.with_models(served, item_vectors(taught, served))
    content = tomllib.loads(draft.parts[layout.PROJECT].decode())
    content["encoder"] = {"name": "student"}
    parts = {layout.PROJECT: tomli_w.dumps(content), **encoder_parts(student)}
    return replace(draft.with_parts(parts), encoder=EncoderInfo(id=student.id))
