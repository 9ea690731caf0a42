"""How fast two model folders answer: in turns, on the same questions, so that both meet the same machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from motet.language.template import row_texts
from motet.recommend import Bundle
from motet.recommend.blend import ranking_task
from motet.stages.served_answers import asked_of
from motet.stages.study import Study

ROUNDS, MANY = 5, 128


@dataclass(frozen=True)
class Pace:
    """Medians. list_ms: one list of ten for one user. lists: lists a second, asked many at a time, or None.

    answer_ms, answers: the same of one question to the first task that is no ranking, by its name in `task`.
    encoded: texts a second that the encoder turns into vectors, or None where nothing is read.
    """

    list_ms: float | None = None
    lists: float | None = None
    answer_ms: float | None = None
    answers: float | None = None
    task: str = ""
    encoded: float | None = None

    @property
    def one_ms(self) -> float:
        """Milliseconds of one question: of a list where there are lists."""
        return self.list_ms if self.list_ms is not None else self.answer_ms or float("nan")

    def to_json(self) -> dict[str, float | str | None]:
        """Return plain JSON values."""
        return asdict(self)


def paces(study: Study, first: Bundle, second: Bundle, *, rounds: int = ROUNDS) -> tuple[Pace, Pace]:
    """Return how fast two folders answer the same questions."""
    jobs, sizes, task = _jobs(study, first, second)
    seconds: dict[tuple[str, int], list[float]] = {}
    for name, pair in jobs.items():
        for each in pair:
            each()  # loads what is loaded at the first question
        for turn in range(rounds):
            for which in (0, 1) if turn % 2 == 0 else (1, 0):
                begin = time.perf_counter()
                pair[which]()
                seconds.setdefault((name, which), []).append(time.perf_counter() - begin)
    found = []
    for which in (0, 1):
        middle = {name: statistics.median(seconds[name, which]) / sizes[name] for name in jobs}
        numbers: dict[str, float] = {}
        for name, taken in middle.items():
            numbers[name] = 1000 * taken if name.endswith("_ms") else 1 / taken
        found.append(Pace(**numbers, task=task))
    return found[0], found[1]


def _jobs(
    study: Study, first: Bundle, second: Bundle
) -> tuple[Mapping[str, Sequence[Callable[[], object]]], Mapping[str, int], str]:
    jobs: dict[str, Sequence[Callable[[], object]]] = {}
    sizes: dict[str, int] = {}
    both, views = (first, second), first.loaded.scorer.tasks

    def add(name: str, size: int, ask: Callable[[Bundle], object]) -> None:
        jobs[name], sizes[name] = [lambda each=each: ask(each) for each in both], size  # type: ignore[misc]

    users = first.loaded.users.users.to_list()
    if ranking_task(views) is not None and users:
        some = [users[int(place)] for place in np.linspace(0, len(users) - 1, min(MANY, len(users)))]
        add("list_ms", len(some[:20]), lambda each: [each.recommend(user, k=10) for user in some[:20]])
        add("lists", len(some), lambda each: each.recommend_many(some, k=10))
    judged = [name for name, view in views.items() if view.output != "ranking"]
    with_text = [name for name in judged if "text" in views[name].sources]
    task = next(iter([*with_text, *judged]), "")
    if task:
        every = np.arange(len(study.examples[task]))
        at = every[np.linspace(0, len(every) - 1, min(MANY, len(every))).astype(np.int64)]
        many, ones = asked_of(study, first, task, at), [asked_of(study, first, task, at[n : n + 1]) for n in range(10)]
        add("answer_ms", len(ones), lambda each: [each.loaded.scorer.predict(task, one) for one in ones])
        add("answers", len(at), lambda each: each.loaded.scorer.predict(task, many))
    texts = _texts(study, first, with_text)
    if texts:
        add("encoded", len(texts), lambda each: each.loaded.scorer.encoder.encode(texts))  # type: ignore[attr-defined]
    return jobs, sizes, task


def _texts(study: Study, bundle: Bundle, with_text: Sequence[str]) -> list[str]:
    """Texts of the project to time an encoder with: titles, or what a task reads; none where nothing is encoded."""
    if study.encoder is None:
        return []
    titles = bundle.loaded.catalogue.titles if study.division.events is not None else None
    if titles is not None:
        return [text for text in titles.head(MANY).to_list() if text]
    for task in with_text[:1]:
        view = study.features.state.views[task]
        return [text for text in row_texts(study.division.inputs[view.table].head(MANY), view.text) if text]
    return []
