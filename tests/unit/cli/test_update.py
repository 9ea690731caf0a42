from dataclasses import replace

import pytest

from motet import workflow
from motet.cli.update import REFUSED, check_activation, check_adding, parse_rows
from motet.errors import RequestError
from motet.stages.comparing import Against
from motet.stages.quality import Quality
from motet.stages.updating import Updated
from motet.transfer.certificate import Comparison

ROW = Against("ndcg@10", "recent", 40, Comparison(0.2, 0.25, 0.05, 0.01, 0.09, 0.0, "not worse"), False)
HARM = replace(ROW, comparison=replace(ROW.comparison, verdict="harmed", difference=-0.05), worse=True)


def test_an_accepted_update_is_told_in_one_object(say, tmp_path, monkeypatch):
    done = Updated(tmp_path / "two", True, {"next_item": ROW}, {"events": 7}, new_items=2, forgotten=1)
    asked = {}
    monkeypatch.setattr(workflow, "update", lambda path, out, **named: asked.update(named, out=out) or done)
    said = say("update", tmp_path, "--events", "new.csv", "--rows", "items=i.csv", "-o", tmp_path / "two", "--json")
    assert said.code == 0 and said.json["accepted"] and said.json["new_items"] == 2 and said.json["activated"] is None
    assert said.json["tasks"]["next_item"]["running"] == 0.2 and said.json["tasks"]["next_item"]["updated"] == 0.25
    assert {key: str(each) for key, each in asked["rows"].items()} == {"items": "i.csv"}
    text = say("update", tmp_path, "--events", "new.csv", "-o", tmp_path / "two").out
    assert "7 of events; new items: 2" in text and "1 forgotten" in text and "accepted" in text


def test_a_refused_update_says_so_and_leaves_with_its_own_code(say, tmp_path, monkeypatch):
    done = Updated(None, False, {"next_item": HARM}, {"events": 7})
    monkeypatch.setattr(workflow, "update", lambda *given, **named: done)
    said = say("update", tmp_path, "--events", "new.csv", "-o", tmp_path / "two")
    assert said.code == REFUSED and "refused: worse than what runs in next_item; the old model stays." in said.out
    told = say("update", tmp_path, "--events", "new.csv", "-o", tmp_path / "two", "--json")
    assert told.code == REFUSED and told.json["worse"] == ["next_item"] and told.json["path"] is None


def test_evaluate_on_recent_events_says_when_to_train_anew(say, tmp_path, monkeypatch):
    low = Quality("ndcg@10", 0.1, 0.2, 0.5, 40, True, True)
    monkeypatch.setattr(workflow, "evaluate_recent", lambda *given, **named: {"next_item": low})
    said = say("evaluate", tmp_path, "--events", "new.csv", "--json")
    assert said.code == 4 and said.json["retrain"] and said.json["below"] == ["next_item"]
    assert "motet update --auto" in say("evaluate", tmp_path, "--events", "new.csv").out
    monkeypatch.setattr(workflow, "evaluate_recent", lambda *given, **named: {})
    nothing = say("evaluate", tmp_path, "--store", "shop.db")
    assert nothing.code == 0 and "nothing new" in nothing.out


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: parse_rows(["items"]), "TABLE=FILE"),
        (lambda: check_activation("store", None), "needs a store"),
        (lambda: check_activation("server", "s.db"), "no place"),
        (lambda: check_adding(None, "moving", None, None, None), "frozen or shared"),
        (lambda: check_adding("t.toml", "frozen", "e.csv", None, None), "do not go together"),
    ],
)
def test_what_does_not_fit_is_told_before_any_training(call, said):
    with pytest.raises(RequestError, match=said):
        call()


def test_help_shows_examples(say):
    text = say("update", "--help").out
    assert "motet update runs/shop --events new.csv" in text and "--add-task" in text
