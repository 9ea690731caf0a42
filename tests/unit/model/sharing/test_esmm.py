"""A chain of yes-or-no tasks: products in logits, learned on all questions, told the same way wherever one asks."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import motet
from motet.errors import ProjectError
from motet.model.assemble import build
from motet.model.predict import Predictor
from motet.model.prime import prime
from motet.model.sharing.esmm import chain_logit
from motet.schema import Project
from motet.stages.answer import answer, questions_of_role
from motet.testing.project import TABLES, TASKS, tiny_sections
from motet.testing.tables import tiny_shop
from motet.workflow import check, prepare, train

CHAIN = ("view", "cart", "buy")
POSITIVE = {"view": ["view", "cart", "buy"], "cart": ["cart", "buy"], "buy": ["buy"]}


def project(**settings):
    """The tiny shop with four kinds of event, three of which presume one another."""
    frames = tiny_shop()
    steps = np.random.default_rng(3).choice(["seen", "view", "cart", "buy"], frames["events"].height)
    frames["events"] = frames["events"].with_columns(event=steps)
    tasks = {name: {**TASKS["buy"], "positive": positive} for name, positive in POSITIVE.items()}
    sections = tiny_sections(settings={"sharing": {"kind": "esmm", "chain": list(CHAIN)}, **settings})
    tables = {
        name: {**{key: value for key, value in TABLES[name].items() if key != "path"}, "frame": frame}
        for name, frame in frames.items()
        if name in TABLES
    }
    return Project(**{**sections, "tables": tables, "tasks": {**tasks, "rating": TASKS["rating"]}})


@pytest.fixture(scope="module")
def study():
    return prepare(check(project()))


@pytest.fixture
def model(study):
    made = build(study.shape, seed=0)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return made.eval()


def batches_of(study):
    return next(iter(study.plan.epoch(0, 0, study.shape.tasks)))[1]


def losses_of(model, study):
    found = {}
    for batch in batches_of(study):
        found |= model.losses(batch, study.tensors)
    return found


def test_a_product_by_hand():
    # .5 · .8 · .25 = .1
    logits = [torch.tensor([math.log(p / (1 - p))], dtype=torch.float64) for p in (0.5, 0.8, 0.25)]
    assert float(chain_logit(logits).sigmoid()) == pytest.approx(0.1)
    assert float(chain_logit(logits[:2]).sigmoid()) == pytest.approx(0.4)
    assert float(chain_logit(logits[:1])) == pytest.approx(0.0, abs=1e-12)


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=6))
def test_no_link_makes_a_product_larger_and_nothing_overflows(values):
    logits = [torch.tensor([value], requires_grad=True) for value in values]
    found = [chain_logit(logits[: count + 1]) for count in range(len(logits))]
    for longer, shorter in zip(found[1:], found, strict=False):
        assert torch.isfinite(longer) and longer <= shorter
    found[-1].sum().backward()
    assert all(torch.isfinite(each.grad).all() for each in logits)


def test_probabilities_fall_along_the_chain_at_every_question(study, model):
    predictor = Predictor(model, study.tensors)
    chosen = questions_of_role(study, "view", "test")
    view, cart, buy = (answer(study, model, task, chosen, predictor=predictor).score for task in CHAIN)
    assert len(view) > 20 and (view >= cart).all() and (cart >= buy).all() and (view > buy).any()


def test_answers_are_products_of_the_heads(study, model):
    (batch,) = (batch for batch in batches_of(study) if any("buy" in block.targets for block in batch.blocks))
    (block,) = (block for block in batch.blocks if "buy" in block.targets)
    batch = replace(batch, blocks=(block,))
    trunk = model.sharing.trunk_of("buy")
    with torch.no_grad():
        state = trunk(batch, study.tensors, model.vectors(trunk, study.tensors))[0]
        share = [model.head(task).scores(state.z_nd, state, None).sigmoid() for task in CHAIN]
    found = Predictor(model, study.tensors).all_answers([*CHAIN], batch)
    torch.testing.assert_close(found["view"], share[0])
    torch.testing.assert_close(found["cart"], share[0] * share[1])
    torch.testing.assert_close(found["buy"], share[0] * share[1] * share[2])
    index = torch.from_numpy(block.targets["buy"].index_m)
    torch.testing.assert_close(model.answers_to("buy", batch, study.tensors), found["buy"][index])
    label = torch.from_numpy(block.targets["buy"].label_m)
    expected = torch.nn.functional.binary_cross_entropy(found["buy"][index], label)
    torch.testing.assert_close(model.losses(batch, study.tensors)["buy"], expected)


@pytest.mark.parametrize("task", ["view", "buy", "rating"])
def test_the_first_few_questions_of_a_chain_get_the_answers_they_get_among_all(study, model, task):
    """As the repair of a harmed task asks, whether it may have a private part."""
    for batch in batches_of(study):
        if not any(task in block.targets for block in batch.blocks):
            continue
        whole = model.answers_to(task, batch, study.tensors)
        assert len(whole) > 5
        torch.testing.assert_close(model.answers_to(task, batch, study.tensors, most=5), whole[:5])


def test_a_task_of_a_chain_keeps_the_loss_it_chose(study):
    """Positive labels that count three times as much, by hand."""
    tasks = {**study.shape.tasks, "buy": replace(study.shape.tasks["buy"], label_weights=(1.0, 3.0))}
    plain, weighed = (build(replace(study.shape, tasks=each), seed=0).eval() for each in (study.shape.tasks, tasks))
    for batch in batches_of(study):
        for block in batch.blocks:
            if "buy" not in block.targets:
                continue
            p = plain.answers_to("buy", batch, study.tensors)
            label = torch.from_numpy(block.targets["buy"].label_m)
            weight = torch.where(label > 0, 3.0, 1.0)
            each = torch.nn.functional.binary_cross_entropy(p, label, reduction="none")
            found = weighed.losses(batch, study.tensors)["buy"]
            assert 0 < float(label.mean()) < 1
            torch.testing.assert_close(found, (weight * each).mean(), rtol=1e-4, atol=1e-5)


def test_the_last_task_teaches_the_first_head_and_no_task_outside_does(study, model):
    losses = losses_of(model, study)
    head = list(model.head("view").parameters())

    def reaches(task):
        found = torch.autograd.grad(losses[task], head, retain_graph=True, allow_unused=True)
        return any(each is not None and each.any() for each in found)

    assert reaches("view") and reaches("cart") and reaches("buy") and not reaches("rating")


def test_a_shut_valve_keeps_a_task_out_of_the_heads_before_it(study):
    shape = replace(study.shape, sharing=replace(study.shape.sharing, valves={"buy": 0.0}))
    model = build(shape, seed=0)
    losses_of(model, study)["buy"].backward()
    assert all(each.grad is None or not each.grad.any() for each in model.head("view").parameters())
    assert any(each.grad is not None and each.grad.any() for each in model.head("buy").parameters())


def test_a_head_that_others_use_is_shared(study, model):
    shared = {id(each) for each in model.shared()}
    whose = {task: {id(each) in shared for each in model.head(task).parameters()} for task in study.shape.tasks}
    assert whose == {"view": {True}, "cart": {True}, "buy": {False}, "rating": {False}}


def test_heads_start_at_the_shares_of_what_they_presume(study):
    model, labels = build(study.shape, seed=0), study.features.state.labels
    prime(model, labels, None)
    share = [float(model.head(task).tower.out.bias.detach().sigmoid()) for task in CHAIN]
    for place, task in enumerate(CHAIN):
        assert math.prod(share[: place + 1]) == pytest.approx(labels[task].prior[0], rel=1e-3)


def test_tasks_of_unlike_views_or_kinds_are_no_chain(study):
    def chained(*chain):
        return replace(study.shape, sharing=replace(study.shape.sharing, chain=chain))

    with pytest.raises(ProjectError, match="'rating', which answers with ordinal"):
        build(chained("view", "rating"), seed=0)
    other = {**study.shape.tasks, "cart": replace(study.shape.tasks["cart"], view="elsewhere")}
    views = {**study.shape.views, "elsewhere": study.shape.views[study.shape.tasks["cart"].view]}
    with pytest.raises(ProjectError, match="'cart', which looks at elsewhere"):
        build(replace(chained("view", "cart"), tasks=other, views=views), seed=0)


def test_what_is_served_is_what_was_judged(tmp_path):
    made = project()
    train(made, tmp_path / "model")
    bundle = motet.load(tmp_path / "model", device="cpu")
    user, items = str(bundle.loaded.users.users[0]), [str(each) for each in bundle.loaded.catalogue.ids[:9]]
    found = {task: [each.probability for each in bundle.predict(task, users=[user], items=items)] for task in CHAIN}
    assert all(v >= c >= b for v, c, b in zip(*(found[task] for task in CHAIN), strict=True))
    assert all(v > b for v, b in zip(found["view"], found["buy"], strict=True))
