import numpy as np
import pytest
import torch
from language._tiny_model import write_tiny_bert, write_tiny_llama

from motet.features.batch import Batch
from motet.model.groups import parameter_groups
from motet.model.shape import ModelShape
from motet.model.trunk.tuned import Tuned, items_of
from motet.stages.arms import new_model
from motet.testing import tiny_shop
from motet.testing.study import tiny_study

TASKS = ("next_item", "rating", "brand", "categories", "price", "sentiment")
TEXTS = ("brand", "categories", "price", "sentiment")


@pytest.fixture(scope="module", params=["lora bert", "full bert", "lora llama"])
def study(request, tmp_path_factory):
    tune, kind = request.param.split()
    folder = tmp_path_factory.mktemp(kind)
    {"bert": write_tiny_bert, "llama": write_tiny_llama}[kind](folder)
    encoder = {"name": str(folder), "tune": tune, "rank": 2, "items": 8, "max_tokens": 16, "learning_rate": 1e-2}
    return tiny_study(tiny_shop(0, users=24, items=30), tasks=TASKS, settings={"encoder": encoder})


@pytest.fixture
def model(study):
    """An untrained model, moved away from zero, where half of all gradients end."""
    made = new_model(study, study.shape, seed=0)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(0.05 * torch.randn(weight.shape, generator=generator))
    return made.train()


@pytest.fixture
def batches(study):
    return next(iter(study.plan.epoch(0, 0, study.shape.tasks)))[1]


def losses(model, study, batches):
    return {task: loss for batch in batches for task, loss in model.losses(batch, study.tensors).items()}


def language(model):
    (found,) = model.tuned()
    return found


@pytest.mark.parametrize("task", TASKS)
def test_one_step_of_one_task_moves_the_language_model(study, model, batches, task):
    optimizer = torch.optim.AdamW(parameter_groups(model, learning_rate=1e-3, weight_decay=0.0))
    before = {name: weight.detach().clone() for name, weight in language(model).weights.items()}
    found = losses(model, study, batches)
    sum(loss * (name == task) for name, loss in found.items()).backward()
    optimizer.step()
    moved = [name for name, weight in language(model).weights.items() if not torch.equal(weight, before[name])]
    assert len(moved) > len(before) / 2


def test_a_closed_valve_lets_nothing_through(study, model, batches):
    for task in TASKS:
        model.sharing.valves.turn(task, 0.0, ("text", "item", "history"))
    weights = list(language(model).parameters())
    for loss in losses(model, study, batches).values():
        found = torch.autograd.grad(loss, weights, retain_graph=True, allow_unused=True)
        assert all(each is None or not each.any() for each in found)


def test_the_valve_of_the_text_alone_closes_a_text_task(study, model, batches):
    model.sharing.valves.turn("sentiment", 0.0, ("text",))
    found = torch.autograd.grad(
        losses(model, study, batches)["sentiment"], list(language(model).parameters()), allow_unused=True
    )
    assert all(each is None or not each.any() for each in found)


def test_at_the_start_items_read_as_the_language_model_came(study):
    made = language(new_model(study, study.shape, seed=0))
    items = study.tensors.items
    assert torch.equal(made.as_read(items).text, items.text)
    made.refresh(items)
    told = items.text.any(1)  # the frozen vectors were made in bfloat16 where the processor has it
    close = torch.nn.functional.cosine_similarity(made.items[told], items.text[told])
    assert close.mean() > 0.9 and not made.items[0].any()


def test_items_are_read_anew_where_asked_or_changed_and_looked_up_elsewhere(study, model):
    made, items = language(model).eval(), study.tensors.items
    made.start(items)
    anew = made.as_read(items, anew=torch.tensor([3, 5])).text
    same = (anew == items.text).all(1)
    assert not same[[3, 5]].any() and same.sum() == len(same) - 2
    changed = type(items)(**{**vars(items), "changed": torch.tensor([4])})
    assert torch.equal((made.as_read(changed).text != items.text).any(1).nonzero()[:, 0], torch.tensor([4]))
    made.refresh(items)
    torch.testing.assert_close(made.as_read(items).text[3], anew[3].detach(), atol=1e-5, rtol=1e-4)


def test_a_few_items_of_the_batch_are_chosen(study, batches):
    history = next(batch for batch in batches if batch.segments is not None)
    chosen = items_of(history, study.tensors.events, 5, torch.device("cpu"))
    seen = set(study.tensors.events.item_N[torch.from_numpy(history.segments.event_BL)].flatten().tolist())
    seen |= {item for block in history.blocks if block.item_n is not None for item in block.item_n.tolist()}
    assert len(chosen) == 5 and len(set(chosen.tolist())) == 5 and set(chosen.tolist()) <= seen - {0}
    assert len(items_of(Batch(None, ()), None, 5, torch.device("cpu"))) == 0


def test_the_shape_makes_the_same_module_again(study, model):
    again = ModelShape.from_json(study.shape.to_json())
    assert again.language == study.shape.language
    other = Tuned(again.language, num_items=again.num_items, item_text=again.item_text)
    other.load_state_dict(language(model).state_dict())
    assert study.shape.only("rating").language is not None


def test_the_language_model_has_a_rate_of_its_own(study, model):
    groups = {group["name"]: group for group in parameter_groups(model, learning_rate=1e-3, weight_decay=0.01)}
    tasks = len(TASKS)
    assert groups["language"]["lr"] == pytest.approx(1e-2 * tasks**0.5)
    assert sum(weight.numel() for weight in groups["language"]["params"]) == sum(
        int(np.prod(size)) for size in study.shape.language.weights.values()
    )


def test_without_texts_or_items_there_is_nothing_to_read(study):
    frozen = tiny_study(tiny_shop(0, users=24, items=30), tasks=("sentiment",))
    assert frozen.shape.language is None and new_model(frozen, frozen.shape, seed=0).tuned() == []
