from __future__ import annotations

import numpy as np
import pytest

from motet.data.leakage import check_leakage, visible_columns
from motet.errors import LeakageError, ProjectError

from ._small import checked, divided, events, table

N = 600
RNG = np.random.default_rng(5)
RICH = RNG.random(N) < 0.3
PAY = ["yes" if rich else "no" for rich in RICH]
HINT = RICH * 10 + RNG.random(N)
AGE = RNG.integers(20, 60, N).astype(float)
WORDS = [f"words {number}" for number in range(N)]


def people(**columns):
    """A table without text: age, pay (the label) and what the test adds as name=(meaning, values)."""
    declared = {"age": ("number", AGE), "pay": ("category", PAY), **columns}
    return table(
        {name: values for name, (_, values) in declared.items()},
        columns={name: meaning for name, (meaning, _) in declared.items()},
    )


def pay(**more):
    return {"pay": {"kind": "binary", "table": "people", "column": "pay", "positive": ["yes"], **more}}


def test_a_clean_table_passes():
    assert check_leakage(divided({"people": people()}, pay())) == []


@pytest.mark.parametrize(
    ("meaning", "values"),
    [
        ("category", [f"code {word}" for word in PAY]),
        ("number", HINT),
        ("number", -HINT),
        ("flag", ~RICH),
        ("tags", [["x", word] for word in PAY]),
    ],
)
def test_a_planted_label_is_refused_by_name(meaning, values):
    with pytest.raises(LeakageError, match=r"'tax'.*'people'.*'pay'.*AUC 1.0000") as error:
        check_leakage(divided({"people": people(tax=(meaning, values))}, pay()))
    assert 'allow = ["tax"] under [tasks.pay]' in error.value.remedy


def test_an_allowed_column_stays_as_a_finding():
    found = check_leakage(divided({"people": people(tax=("number", HINT))}, pay(allow=["tax"])))
    assert [(finding.column, finding.allowed, finding.score) for finding in found] == [("tax", True, 1.0)]


def test_a_suspicious_column_is_a_finding():
    noisy = HINT.copy()
    noisy[np.flatnonzero(~RICH)[:2]] = 10.5
    found = check_leakage(divided({"people": people(tax=("number", noisy))}, pay()))
    assert [(finding.column, finding.allowed) for finding in found] == [("tax", False)]
    assert 0.99 <= found[0].score < 0.999


def test_labels_held_out_are_not_looked_at():
    # The column gives the label away in training rows only; elsewhere it is noise.
    clean = divided({"people": people()}, pay())
    only_training = np.where(clean.parts["people"] == 0, HINT, RNG.random(N))
    with pytest.raises(LeakageError):
        check_leakage(divided({"people": people(tax=("number", only_training))}, pay()))
    only_held_out = np.where(clean.parts["people"] == 0, RNG.random(N), HINT)
    assert check_leakage(divided({"people": people(tax=("number", only_held_out))}, pay())) == []


def test_another_tasks_column_is_no_input_unless_listed():
    both = pay() | {"tax": {"kind": "number", "table": "people", "column": "tax"}}
    described = people(tax=("number", HINT))
    assert check_leakage(divided({"people": described}, both)) == []
    listed = pay(inputs=["tax"]) | {"tax": both["tax"]}
    with pytest.raises(LeakageError, match="'tax'"):
        check_leakage(divided({"people": described}, listed))


def test_numbers_are_judged_by_correlation():
    tasks = {"age": {"kind": "number", "table": "people", "column": "age"}}
    with pytest.raises(LeakageError, match="'born'.*correlation"):
        check_leakage(divided({"people": people(born=("number", 2000 - AGE))}, tasks))
    loose = people(born=("number", 2000 - AGE + RNG.normal(size=N)))
    assert check_leakage(divided({"people": loose}, tasks)) == []


def reviews(**columns):
    declared = {"words": ("text", WORDS), "stars": ("number", RICH + 4.0), "happy": ("flag", RICH), **columns}
    return table(
        {name: values for name, (_, values) in declared.items()},
        columns={name: meaning for name, (meaning, _) in declared.items()},
    )


def happy(**more):
    return {"happy": {"kind": "binary", "table": "reviews", "column": "happy", **more}}


def test_text_tasks_see_only_their_inputs():
    assert check_leakage(divided({"reviews": reviews()}, happy())) == []
    with pytest.raises(LeakageError, match="'stars'"):
        check_leakage(divided({"reviews": reviews()}, happy(inputs=["stars"])))


def test_a_text_that_is_the_label_is_refused():
    described = reviews(kind=("category", PAY), note=("text", [word.upper() for word in PAY]))
    with pytest.raises(LeakageError, match="'note'"):
        check_leakage(
            divided({"reviews": described}, {"kind": {"kind": "class", "table": "reviews", "column": "kind"}})
        )


def test_item_tasks_see_the_other_columns_of_the_item():
    names = [f"p{number}" for number in range(N)]
    goods = {"i": names, "brand": [f"b{number % 7}" for number in range(N)], "maker": [f"m{n % 7}" for n in range(N)]}
    shop = {
        "events": events(*[("a", name, place) for place, name in enumerate(names)]),
        "items": table(goods, id="i", columns={"brand": "category", "maker": "category"}),
    }
    with pytest.raises(LeakageError, match=r"'maker'.*'items'.*'brand'.*accuracy"):
        check_leakage(divided(shop, {"brand": {"kind": "class", "table": "items", "column": "brand"}}))


def test_an_item_key_among_the_inputs_is_judged():
    goods = [f"p{number % 20}" for number in range(N)]
    described = table(
        {"i": goods, "words": WORDS, "part": [f"d{number % 20 % 4}" for number in range(N)]},
        item="i", columns={"words": "text", "part": "category"},
    )  # fmt: skip
    for name in ("item", "i"):
        with pytest.raises(LeakageError, match=f"'{name}'.*accuracy"):
            task = {"kind": "class", "table": "reviews", "column": "part", "inputs": [name]}
            check_leakage(divided({"reviews": described}, {"part": task}))


def test_structural_leaks_are_refused():
    described = reviews(day=("time", list(range(N))), code=("id", WORDS))
    with pytest.raises(LeakageError, match="its own label 'happy'"):
        check_leakage(divided({"reviews": described}, happy(inputs=["happy"])))
    with pytest.raises(LeakageError, match="'day'.*a moment"):
        check_leakage(divided({"reviews": described}, happy(inputs=["day"])))
    with pytest.raises(LeakageError, match="'code'.*an id"):
        check_leakage(divided({"reviews": described}, happy(inputs=["code"])))


def test_the_own_label_cannot_be_allowed():
    with pytest.raises(LeakageError, match="its own label"):
        check_leakage(divided({"reviews": reviews()}, happy(inputs=["happy"], allow=["happy"])))


def test_an_unknown_input_is_answered_with_the_known_ones():
    with pytest.raises(ProjectError, match="Did you mean 'stars'"):
        check_leakage(divided({"reviews": reviews()}, happy(inputs=["star"])))


def test_what_each_kind_of_table_shows():
    shop = {
        "events": events(("a", "x", 1), columns={"price": "number"}),
        "people": people(),
        "reviews": reviews(),
    }
    shop["events"]["data"]["price"] = [1.0]
    tasks = pay() | happy(inputs=["stars"]) | {"price": {"kind": "number", "table": "events", "column": "price"}}
    project, _ = checked(shop, tasks)
    seen = {name: visible_columns(task, project) for name, task in project.tasks.items()}
    assert seen == {"pay": (["age"], []), "happy": (["stars"], ["words"]), "price": ([], [])}


@pytest.mark.parametrize(
    ("more", "values", "meaning"),
    [
        ({"at_least": 4}, [5.0 if rich else 2.0 for rich in RICH], "number"),
        ({"positive": [5]}, [5.0 if rich else 2.0 for rich in RICH], "number"),
        ({"positive": [True]}, RICH, "flag"),
        ({"positive": ["a"]}, [["a"] if rich else ["b"] for rich in RICH], "tags"),
        ({}, RICH.astype(float), "number"),
    ],
)
def test_every_way_of_saying_yes_is_understood(more, values, meaning):
    described = table(
        {"y": values, "copy": HINT}, columns={"y": meaning, "copy": "number"}
    )  # fmt: skip
    with pytest.raises(LeakageError, match="'copy'.*AUC"):
        check_leakage(divided({"t": described}, {"y": {"kind": "binary", "table": "t", "column": "y", **more}}))


def test_ratings_are_judged_by_accuracy():
    stars = RNG.integers(1, 6, N).astype(float)
    described = table({"stars": stars, "score": stars * 20}, columns={"stars": "number", "score": "number"})
    with pytest.raises(LeakageError, match="'score'.*accuracy"):
        check_leakage(divided({"t": described}, {"stars": {"kind": "rating", "table": "t", "column": "stars"}}))
