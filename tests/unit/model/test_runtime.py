"""What is served is what was judged: the packed model answers as the study's does when it knows the same."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch

import motet
from motet.artifact import open_folder
from motet.errors import MotetError
from motet.features.batch import FeatureArrays
from motet.model.inputs import to_tensors
from motet.model.newcomers import with_items
from motet.model.parts import read_model
from motet.model.predict import Predictor
from motet.model.runtime import TorchRuntime
from motet.recommend.port import Asked, History
from motet.schema import EVENTS, TEST
from motet.stages.answer import answer, questions_of_role
from motet.stages.together import batches_of
from motet.testing import tiny_in_memory, tiny_shop
from motet.workflow import check, prepare, train

MOST = 12


class World:
    """A packed project: its study, its models, and what serves it."""

    def __init__(self, project, folder):
        train(project, folder)
        self.folder = folder
        self.study = prepare(check(project))
        self.scorer = TorchRuntime.open(open_folder(folder), device="cpu")
        self.bundle = motet.load(folder, device="cpu")
        served = read_model(open_folder(folder), language="en", device=torch.device("cpu"))
        # weights that training has hardly moved would hide what is not shown
        generator = torch.Generator().manual_seed(0)
        for model in served.models.values():
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
        self.model = served.models["joint"]
        for mine in self.scorer._served.models.values():
            mine.load_state_dict(self.model.state_dict())

    def chosen(self, task):
        return questions_of_role(self.study, task, "test", most=MOST)

    def judged(self, task):
        """The study's answers."""
        return answer(self.study, self.model, task, self.chosen(task)).score

    def history(self, task, at):
        """What the question `at` of a task may read, as serving holds it."""
        examples, events = self.study.examples[task], self.study.division.events
        user = int(examples.user_n[at])
        whole = self.bundle.loaded.users.history(str(events.users[user]))
        keep = slice(0, int(examples.cut_n[at]))
        return History(
            item_L=whole.item_L[keep],
            columns=whole.columns[keep],
            time_L=whole.time_L[keep],
            text_LD=None if whole.text_LD is None else whole.text_LD[keep],
            now=None if examples.now_n is None else int(examples.now_n[at]),
            profile=whole.profile,
        )

    def histories(self, task):
        return [self.history(task, at) for at in self.chosen(task)]

    def answered(self, task, **asked):
        """What serving answers, unrounded."""
        return self.scorer._answers(task, Asked(n=len(self.chosen(task)), **asked))


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    frames = tiny_shop()
    new = pl.DataFrame(
        {"item": ["new"], "title": ["violin drum"], "brand": ["Cedar"], "categories": [["music"]], "price": [55.0]}
    )
    frames["items"] = pl.concat([frames["items"], new])
    project = tiny_in_memory(frames, settings={"train": {"epochs": 1, "batch": 256, "device": "cpu"}})
    return World(project, tmp_path_factory.mktemp("shop") / "model")


@pytest.fixture(scope="module")
def windowed(tmp_path_factory):
    settings = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
    return World(tiny_in_memory(windowed=True, settings=settings), tmp_path_factory.mktemp("windowed") / "model")


@pytest.fixture(scope="module")
def returning(tmp_path_factory):
    """A shop where items may return."""
    events = tiny_shop()["events"]
    again = events.with_columns(pl.col("time") + 3_600).sample(fraction=0.5, seed=0)
    settings = {
        "tasks": {"next_item": {"kind": "next_item", "repeats": "allow"}},
        "train": {"epochs": 1, "batch": 512, "device": "cpu"},
    }
    frames = {**tiny_shop(), "events": pl.concat([events, again])}
    project = tiny_in_memory(frames, tasks=("next_item",), settings=settings)
    return World(project, tmp_path_factory.mktemp("returning") / "model")


@pytest.mark.parametrize("which", ["shop", "returning"])
def test_a_list_is_the_ranking_that_was_judged(which, request):
    shop = request.getfixturevalue(which)
    assert not shop.model.head("next_item").mix.get().shut
    predictor = Predictor(shop.model, shop.study.tensors)
    chosen = shop.chosen("next_item")
    served = shop.scorer.next_item_scores(shop.scorer.states(shop.histories("next_item")))
    expected = np.zeros_like(served)
    for place, batch in batches_of(shop.study, "next_item", chosen):
        expected[place] = predictor.answers("next_item", batch).numpy()
    np.testing.assert_allclose(served, expected, atol=1e-4)
    np.testing.assert_allclose(np.exp(served).sum(1), 1, rtol=1e-4)
    assert np.ptp(served, axis=0).max() > 0.01, "users differ"


@pytest.mark.parametrize("task", ["buy", "rating"])
def test_a_user_and_an_item_are_judged_alike(shop, task):
    items = shop.study.examples[task].item_n[shop.chosen(task)]
    judged = shop.judged(task)
    states = shop.scorer.states(shop.histories(task))
    keep = items >= 0
    scored = shop.scorer.task_scores(task, states, np.maximum(items, 0)[:, None].astype(np.int32))[:, 0]
    np.testing.assert_allclose(scored[keep], judged[keep], atol=1e-4)
    asked = shop.answered(task, histories=shop.histories(task), items_n=items)
    np.testing.assert_allclose(asked, judged, atol=1e-4)


def test_several_items_of_a_user_are_judged_as_each_alone(shop):
    states = shop.scorer.states(shop.histories("rating")[:3])
    items = np.array([[1, 5, 9, 2], [0, 7, 3, 3], [4, 4, 8, 20]], np.int32)
    together = shop.scorer.task_scores("rating", states, items)
    assert together.shape == (3, 4, 5)
    for column in range(4):
        alone = shop.scorer.task_scores("rating", states, items[:, column : column + 1])[:, 0]
        np.testing.assert_allclose(together[:, column], alone, atol=1e-5)


@pytest.mark.parametrize("task", ["interest", "club"])
def test_a_user_is_judged_alike(shop, task):
    np.testing.assert_allclose(shop.answered(task, histories=shop.histories(task)), shop.judged(task), atol=1e-4)


def test_two_users_are_judged_alike_from_either_side(shop):
    examples, chosen = shop.study.examples["friend"], shop.chosen("friend")
    ids = shop.study.division.events.users
    first, second = (ids.gather(side[chosen]).to_list() for side in (examples.user_n, examples.other_n))
    cut = replace(examples, user_n=examples.other_n, cut_n=examples.other_cut_n)
    histories, judged = shop.histories("friend"), shop.judged("friend")
    shop.study.examples["friend"] = cut
    others = shop.histories("friend")
    shop.study.examples["friend"] = examples
    one = shop.answered("friend", histories=histories, others=others, pairs=list(zip(first, second, strict=True)))
    other = shop.answered("friend", histories=others, others=histories, pairs=list(zip(second, first, strict=True)))
    np.testing.assert_allclose(one, judged, atol=1e-4)
    np.testing.assert_allclose(other, judged, atol=1e-4)
    assert np.ptp(judged) > 0.01, "pairs differ"


@pytest.mark.parametrize("task", ["brand", "categories", "price"])
def test_an_item_is_judged_alike(shop, task):
    items = shop.study.examples[task].item_n[shop.chosen(task)]
    np.testing.assert_allclose(shop.answered(task, items_n=items), shop.judged(task), rtol=1e-4, atol=1e-4)


def test_a_text_is_judged_alike(shop):
    rows = shop.study.examples["sentiment"].row_n[shop.chosen("sentiment")]
    texts = shop.study.division.tables.frame("reviews")["text"].gather(rows).to_list()
    np.testing.assert_allclose(shop.answered("sentiment", texts=texts), shop.judged("sentiment"), atol=1e-4)
    frame = pl.DataFrame({"text": texts})
    np.testing.assert_allclose(shop.answered("sentiment", frame=frame), shop.judged("sentiment"), atol=1e-4)


@pytest.mark.parametrize("task", ["brand", "categories", "price"])
def test_an_item_that_nobody_knows_is_judged_by_its_row(shop, task):
    """A catalogue item without events, and the same item described anew, are one."""
    number = shop.study.division.events.items.to_list().index("new")
    assert shop.study.features.arrays.items.count[number + 1] == 0
    known = shop.scorer._answers(task, Asked(1, items_n=np.array([number], np.int32)))
    row = pl.DataFrame({"title": ["violin drum"], "brand": ["Alder"], "price": [1.0]})
    described = shop.scorer._answers(task, Asked(1, items_n=np.array([-1], np.int32), frame=row))
    np.testing.assert_allclose(described, known, rtol=1e-4, atol=1e-4)
    other = shop.scorer._answers(
        task, Asked(1, items_n=np.array([-1], np.int32), frame=row.with_columns(title=pl.lit("pan oven")))
    )
    assert np.abs(other - known).max() > 1e-4


@pytest.mark.parametrize("task", ["spend", "buy"])
def test_where_moments_count_answers_are_alike(windowed, task):
    """One task knows how long ago the last event was, the other must not, though both read one trunk."""
    items = windowed.study.examples[task].item_n
    asked = {"histories": windowed.histories(task)}
    if items is not None:
        asked["items_n"] = items[windowed.chosen(task)]
    np.testing.assert_allclose(windowed.answered(task, **asked), windowed.judged(task), rtol=1e-3, atol=1e-4)


def test_the_moment_of_the_question_matters_to_a_task_over_a_window(windowed):
    histories = windowed.histories("spend")
    then = windowed.answered("spend", histories=histories)
    later = [replace(history, now=history.now + 30 * 86_400_000) for history in histories]
    assert np.abs(windowed.answered("spend", histories=later) - then).max() > 1e-4


def test_a_history_longer_than_the_window_is_its_last_events(shop):
    most = shop.study.shape.max_history + 1  # the first of the last knows how long after another it came
    history = next(h for at in range(200) if len(h := shop.history("buy", at)) > most)
    short = replace(
        history,
        item_L=history.item_L[-most:],
        columns=history.columns[-most:],
        time_L=history.time_L[-most:],
        text_LD=history.text_LD[-most:],
    )
    one, other = (shop.scorer.next_item_scores(shop.scorer.states([each])) for each in (history, short))
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_user_without_events_has_a_profile(shop):
    profiles = shop.bundle.loaded.users.profiles
    empty = shop.bundle.loaded.users.history(None)
    histories = [replace(empty, profile=profiles[row : row + 1]) for row in (0, 1)]
    nobody, *known = shop.scorer.next_item_scores(shop.scorer.states([empty, *histories]))
    assert np.abs(nobody - known[0]).max() > 1e-3 and np.abs(known[1] - known[0]).max() > 1e-3


def test_a_query_finds_items_by_their_words(shop):
    scores = shop.scorer.query_scores(["violin piano", "spade seed"])
    titles = shop.study.division.inputs["items"].sort("@id")["title"].to_list()
    ids = shop.study.division.events.items.to_list()
    assert shop.study.division.inputs["items"].sort("@id")["@id"].to_list() == ids
    assert {"violin", "piano"} & set(titles[int(scores[0].argmax())].split())
    assert {"spade", "seed"} & set(titles[int(scores[1].argmax())].split())
    np.testing.assert_allclose(np.exp(scores).sum(1), 1, rtol=1e-4)


def test_vectors_of_items_are_of_unit_length(shop):
    vectors = shop.scorer.item_vectors
    assert vectors.shape == (shop.study.shape.num_items, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_the_events_of_the_test_part_are_known_when_serving(shop):
    """A list for a user is made from all events, those that were held out included."""
    events = shop.study.division.events
    assert (events.part_N == TEST).any() and len(shop.bundle.loaded.users.item_N) == len(events.item_N)
    assert shop.study.division.tables.frame(EVENTS).height == len(events.item_N)


def test_a_device_that_is_not_there_is_named():
    with pytest.raises(motet.MotetError, match="no device 'cuda:9999'"):
        TorchRuntime.open(None, device="cuda:9999")


def test_an_item_that_is_described_later_is_as_one_that_training_knew(shop):
    """The item `new` of the catalogue had no event: described again, it is the same but for its bias."""
    catalogue, frames = shop.bundle.loaded.catalogue, tiny_shop()
    known = catalogue.index["new"]
    told = pl.DataFrame({"title": ["violin drum"], "brand": ["Cedar"], "categories": [["music"]], "price": [55.0]})
    size = len(catalogue)
    later = shop.scorer.with_items(np.array([size], np.int32), told)
    assert (len(later.item_vectors), len(shop.scorer.item_vectors)) == (size + 1, size)
    np.testing.assert_allclose(later.item_vectors[:size], shop.scorer.item_vectors)
    history = replace(shop.bundle.loaded.users.history(str(frames["events"]["user"][0])), now=None)
    before = shop.scorer.next_item_scores(shop.scorer.states([history]))[0]
    after = later.next_item_scores(later.states([history]))[0]
    np.testing.assert_allclose(after[:size], before, atol=0.1)  # the newcomer takes its share of the probability
    same = np.array([[known, size]], np.int32)
    held = {}
    for name, table in shop.scorer._served.models["joint"].state_dict().items():
        if table.ndim == 2 and len(table) == size + 1:  # an item that nobody saw has the row of no item
            held[name] = table[known + 1].clone()
            table[known + 1] = table[0]
    for task in ("buy", "rating"):
        found = later.task_scores(task, later.states([history]), same)[0]
        np.testing.assert_allclose(found[0], found[1], atol=1e-4)
    for name, table in shop.scorer._served.models["joint"].state_dict().items():
        if name in held:
            table[known + 1] = held[name]
    assert held
    had = replace(history, item_L=np.append(history.item_L[1:], size).astype(np.int32))
    assert np.isfinite(later.next_item_scores(later.states([had]))).all(), "it may stand in a history"
    asked = Asked(n=1, items_n=np.array([size], np.int32))
    assert later.predict("brand", asked)[0].label in shop.scorer.tasks["brand"].classes
    changed = shop.scorer.with_items(np.array([0], np.int32), told.with_columns(title=pl.lit("spade seed")))
    assert not np.allclose(changed.item_vectors[0], shop.scorer.item_vectors[0])
    np.testing.assert_allclose(changed.item_vectors[1:], shop.scorer.item_vectors[1:])


def test_items_that_are_put_one_by_one_are_as_if_all_were_read_anew(shop):
    """What grows in place answers as a model over the grown catalogue does that is made anew."""
    scorer, size = shop.scorer, len(shop.bundle.loaded.catalogue)
    states = scorer.states(shop.histories("next_item")[:2])
    scorer.next_item_scores(states)  # the catalogue's vectors are made by now
    told = pl.DataFrame({"title": ["violin drum"], "brand": ["Cedar"], "categories": [["music"]], "price": [55.0]})
    first = scorer.with_items(np.array([size], np.int32), told)
    now = first
    for step, place in enumerate([size + 1, 3, size + 2, 3, size]):
        frame = told.with_columns(title=pl.lit(f"violin {step}"), categories=pl.lit([["music"], ["a", "b"]][step % 2]))
        now = now.with_items(np.array([place], np.int32), frame)
    predictor = now._predictors[now._served.routes["next_item"]]
    anew = Predictor(predictor.model, predictor.tensors)
    torch.testing.assert_close(predictor.catalogue("next_item"), anew.catalogue("next_item"))
    assert predictor._catalogues, "vectors were kept, not made anew"
    tensors = to_tensors(FeatureArrays(now._served.items, None, None, {}), torch.device("cpu")).items
    for name in ("text", "text_masked", "count"):
        assert torch.equal(getattr(now._items, name), getattr(tensors, name)), name
    for name in ("codes_nC", "bins_nB", "tag_ids", "tag_starts"):
        assert torch.equal(getattr(now._items.plain, name), getattr(tensors.plain, name)), name
    assert len(first._served.items.count) == size + 2, "a scorer does not see what was put behind its end"


def test_what_a_put_item_costs_does_not_grow_with_the_catalogue(shop):
    size = len(shop.bundle.loaded.catalogue)
    told = pl.DataFrame({"title": ["violin drum"], "brand": ["Cedar"], "categories": [["music"]], "price": [55.0]})

    def put(scorer, places, frame):
        found = with_items(scorer, np.array(places, np.int32), frame)
        return found, found.copied_rows - before

    before = 0
    now, _ = put(shop.scorer, [size, 3], pl.concat([told, told]))
    before = now.copied_rows
    now, small = put(now, [3], told)
    now, _ = put(now, range(size + 1, 10 * size), pl.concat([told] * (9 * size - 1)))
    before = now.copied_rows
    now, large = put(now, [3], told)
    before = now.copied_rows
    now, new = put(now, [10 * size], told)
    assert small == large and new <= 2 * small, (small, large, new)
    assert len(now.item_vectors) == 10 * size + 1


@pytest.mark.parametrize("cell", [True, 1e308, "x", [], ["a", "b"], [[1]], {"a": 1}])
def test_whatever_stands_in_a_row_is_answered_or_refused_with_a_reason(shop, cell):
    """Every column of every task, by a real model, alone and beside cells of other kinds."""
    bundle, answered = shop.bundle, 0
    for task, view in bundle.loaded.scorer.tasks.items():
        columns = {**bundle.loaded.columns.get(view.table, {}), **bundle.loaded.columns["items"], "nope": "?"}
        ids = {"users": ["u001"]} if "history" in view.sources else {}
        for column in [*columns, *(name for name in (view.user, view.item, view.other) if name)]:
            for rows in ([{column: cell}], [{column: cell}, {column: "z"}]):
                try:
                    answered += len(bundle.predict(task, rows=rows, **ids)) == len(rows)
                except MotetError as error:
                    assert error.message and error.remedy
    assert answered
