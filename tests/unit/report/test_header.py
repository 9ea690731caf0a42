import dataclasses

import pytest

from motet.report.header import claim, facts, header
from motet.report.saved import Saved
from motet.report.words import words

from ._artifact import TASKS, certificate, metrics
from ._reader import read_page


def saved(tasks=TASKS):
    chosen = {task: TASKS[task] for task in tasks}
    kinds = {task: row[0] for task, row in chosen.items()}
    return Saved(
        "shop",
        created="2026-01-02T03:04:05+00:00",
        encoder="e5:0a1b:2c",
        kinds=kinds,
        metrics=metrics(chosen),
        certificate=certificate(chosen),
    )


def test_the_claim_counts_everything():
    assert claim(saved(), words("en")) == (
        "1 harmed, 3 improved, 3 not worse, 1 unclear, 1 routed to the twin; the shared model uses 79 % fewer "
        "parameters than its twins together. Before repair, sharing was found to harm 2 of 8 tasks."
    )
    assert "受损 1，改善 3" in claim(saved(), words("zh"))


def test_a_failure_of_sharing_is_called_one():
    assert "Sharing failed" not in claim(saved(["next_item", "buy", "品牌"]), words("en"))
    assert "Sharing failed" in claim(saved(["next_item", "品牌"]), words("en"))


@pytest.mark.parametrize(
    ("parameters", "said"), [(8_244_000, "uses 20 % more parameters"), (6_870_000, "0 % fewer"), (None, None)]
)
def test_the_claim_about_parameters_may_be_unpleasant(parameters, said):
    one = saved()
    record = {**one.certificate, "sharing": {**one.certificate["sharing"], "parameters": parameters}}
    told = claim(dataclasses.replace(one, certificate=record), words("en"))
    assert said in told if said else "parameters" not in told


def test_facts():
    assert facts(saved(), words("en")) == [
        "2026-01-02",
        "232,623 rows",
        "8 tasks",
        "2 seeds",
        "34,568 test questions",
        "text by e5",
    ]


def test_without_a_certificate_nothing_is_claimed():
    plain = dataclasses.replace(saved(), certificate=None)
    assert "nothing is claimed" in claim(plain, words("en"))
    assert [tile.text for tile in read_page(header(plain, words("en"))).all("li")] == ["0.6123overall score"]


def test_over_folds_a_task_is_routed_where_most_folds_routed_it():
    folded = saved()
    rows = folded.certificate["tasks"]
    rows["buy"] |= {"repair": None, "repairs": {"twin": 4, "none": 1}}
    rows["品牌"] |= {"repairs": {"none": 4, "twin": 1}}
    rows["rating"] |= {"repair": None, "repairs": {"twin": 3, "none": 2}}
    assert "2 routed to the twin" in claim(folded, words("en")) and "改由孪生模型回答 2" in claim(folded, words("zh"))
