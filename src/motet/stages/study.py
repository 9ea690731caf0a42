"""A study: a divided project with its examples, features, plan and shape, ready to train and to judge on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from motet.data import Division
from motet.features.graphs import Known
from motet.features.ngrams import NgramBag, fit_ngrams
from motet.features.plan import TrainingPlan
from motet.features.prepare import Features, prepare_features
from motet.features.soft import SoftLabels, SoftTask
from motet.features.state import FeatureState
from motet.features.views import hidden_columns, views_of
from motet.features.word_ids import WordIds, fit_words
from motet.language.encoders import Encoder
from motet.language.load import load_encoder
from motet.language.reader import Reader
from motet.language.tokenise import tokeniser
from motet.model.device import choose_device
from motet.model.inputs import FeatureTensors, to_tensors
from motet.model.shape import LanguageShape, ModelShape, shape_of
from motet.model.trunk.towers import TOWERS
from motet.schema import EncoderConfig, Project, TrunkConfig
from motet.stages.augmenting import plan_of
from motet.stages.softening import all_soft_questions, all_soft_tasks
from motet.stages.texts import has_texts, texts_of
from motet.tasks import Examples
from motet.tasks.make import all_examples


@dataclass(frozen=True)
class Study:
    """Everything that twins and joint have in common.

    chosen: by section (sharing, balance), how a kind that the project left open was chosen (see `stages.choosing`).
    soft: by task, what its soft labels are made of. tutored: by task, what its twins answer (see `stages.tutoring`).
    tutors_twins: whether a task alone learns from that, too; only a measurement asks for it (benchmarks/tutors.py).
    continued: what a folder remembers of how it went on from another (see `stages.sources`); nothing where it did not.
    """

    project: Project
    division: Division
    examples: Mapping[str, Examples]
    features: Features
    tensors: FeatureTensors
    shape: ModelShape
    plan: TrainingPlan
    encoder: Encoder | None
    chosen: Mapping[str, Any] = field(default_factory=dict)
    soft: Mapping[str, SoftTask] = field(default_factory=dict)
    tutored: Mapping[str, SoftLabels] = field(default_factory=dict)
    tutors_twins: bool = False
    continued: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fitted:
    """What was fitted before and is taken as it is: features, the encoder, the trunk's dropout (None: the study's)."""

    state: FeatureState
    encoder: Encoder
    dropout: float | None = None


def make_study(
    division: Division,
    *,
    cache: Path | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
    fitted: Fitted | None = None,
    graphs: Known | None = None,
) -> Study:
    """Return the study of a divided project: examples, text vectors, features, steps, and the model's shape.

    fitted: features that a model was trained with, for more data or more tasks. graphs: the vectors that it was trained
    with, by the graph's name.
    """
    project = division.project
    examples = all_examples(division)
    views = views_of(project, examples)
    # Where nothing is read, no language model needs to be installed.
    config = project.encoder if has_texts(project) else EncoderConfig(name="lexical")
    encoder = fitted.encoder if fitted else load_encoder(config, language=project.project.language, root=project.root)
    report = partial(on_progress, "texts") if on_progress is not None else None
    hidden = hidden_columns(views, examples)
    tunes = config.tune != "frozen"
    texts = texts_of(
        division,
        views,
        encoder,
        hidden=hidden,
        cache=cache,
        on_progress=report,
        tokens=tunes,
        fitted=fitted is not None,
    )
    unlabelled = all_soft_questions(division, examples)
    features = prepare_features(
        division,
        examples,
        texts,
        width=project.trunk.width,
        make_bag=bag_maker(project.project.language, project.trunk),
        make_words=word_maker(project.project.language, project.trunk, most=config.max_tokens),
        soft=unlabelled,
        known=None if fitted is None else fitted.state,
        graphs=graphs,
    )
    plan = plan_of(project, division, features)
    device = choose_device(project.train.device)
    reader = Reader(lambda: encoder, config, device=str(device)) if tunes else None
    silent = texts.items is None and texts.events is None and not texts.rows
    return Study(
        project=project,
        division=division,
        examples=examples,
        features=features,
        tensors=to_tensors(features.arrays, device, reader=reader),
        shape=_shape(project, features, fitted, language_shape(reader)),
        plan=plan,
        encoder=None if silent else encoder,
        soft=all_soft_tasks(project, examples, unlabelled, features),
    )


def language_shape(reader: Reader | None) -> LanguageShape | None:
    """Return what is trained of a language model, or None where it is frozen."""
    if reader is None:
        return None
    return LanguageShape(reader.sizes, learning_rate=reader.config.rate, items=reader.config.items)


def _shape(project: Project, features: Features, fitted: Fitted | None, language: LanguageShape | None) -> ModelShape:
    shape = shape_of(project, features, language=language)
    return shape if fitted is None or fitted.dropout is None else replace(shape, dropout=fitted.dropout)


def bag_maker(language: str, trunk: TrunkConfig) -> Callable[[list[str]], NgramBag]:
    """Return the function that fits n-grams for a language; none where the text tower reads words in order."""
    if _reads_words(trunk):
        return lambda texts: NgramBag({}, tokeniser(language))
    reading = tokeniser(language, stop_words=trunk.stop_words, tags=trunk.parts_of_speech)
    return partial(fit_ngrams, tokenise=reading, chinese=language == "zh")


def word_maker(language: str, trunk: TrunkConfig, *, most: int) -> Callable[[list[str]], WordIds] | None:
    """Return the function that fits words in order, or None where the text tower reads n-grams."""
    reading = tokeniser(language, stop_words=trunk.stop_words)
    return partial(fit_words, tokenise=reading, most=most) if _reads_words(trunk) else None


def _reads_words(trunk: TrunkConfig) -> bool:
    return TOWERS.get(trunk.text).reads == "words"  # type: ignore[attr-defined]
