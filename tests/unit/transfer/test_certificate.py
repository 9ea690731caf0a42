import json
import math
from dataclasses import replace

from motet.transfer import certify, from_json, to_json
from motet.transfer.claims import sharing_failed
from motet.transfer.table import _number

from ._arms import Found, Given, tasks

KEYS = {"kind", "metric", "twin", "joint", "difference", "low", "high", "verdict", "repair", "initial", "baseline"}
SAVED = {
    "tasks_shared",
    "parameters",
    "twin_parameters",
    "train_seconds",
    "twin_seconds",
    "latency_ms",
    "twin_latency_ms",
    "certify_seconds",
    "joint_runs",
}


def certificate(**differences):
    found = {(task, "joint", "test"): value for task, value in differences.items()}
    return certify(tasks(*differences), [0, 1, 2], Given(found), ladder=("twin",)).certificate


def test_json_has_the_published_shape():
    record = to_json(certificate(a=Found(0.05), b=Found(-0.05), lonely=Found(0.0)))
    assert set(record["tasks"]) == {"a", "b", "lonely"}
    assert all(set(task) >= KEYS for task in record["tasks"].values())
    assert set(record["sharing"]) == SAVED
    b = record["tasks"]["b"]
    assert (b["kind"], b["metric"], b["initial"], b["verdict"], b["repair"]) == (
        "binary",
        "auc",
        "harmed",
        "not worse",
        "twin",
    )
    assert record["tasks"]["a"]["repair"] is None and record["tasks"]["lonely"]["baseline"] is None


def test_undefined_numbers_are_null():
    record = to_json(certificate(a=Found(math.nan, standard_error=math.nan)))
    json.dumps(record, allow_nan=False)
    assert record["tasks"]["a"]["difference"] is None and record["tasks"]["a"]["metrics"]["log_loss"] is None


def test_json_and_back_is_the_same_certificate():
    for difference in (Found(0.05), Found(0.0, standard_error=0.02), Found(math.nan, standard_error=math.nan)):
        first = certificate(a=difference, b=Found(-0.05))
        again = from_json(json.loads(json.dumps(to_json(first))))
        assert repr(again) == repr(first)  # as text, because NaN is not equal to itself
        assert str(again) == str(first)


def test_tutors_are_named_with_what_they_reach_together():
    found = {(task, "joint", "test"): Found(0.05) for task in ("a", "lonely")}
    told = certify(tasks("a", "lonely"), [0, 1, 2], Given(found), tutored=("a", "lonely")).certificate
    (claim,) = (each for each in told.claims() if each.startswith("Tutored"))
    assert claim.endswith("a (0.6100), lonely.") and "not among the savings" in claim
    assert from_json(json.loads(json.dumps(to_json(told)))).claims() == told.claims()
    older = {**to_json(told), "tutored": ["a", "lonely"]}
    assert any(each.endswith(": a, lonely.") for each in from_json(older).claims())


def test_the_table_shows_every_task_and_lines_up():
    text = str(certificate(兴趣=Found(0.0512), b=Found(-0.05), unsure=Found(0.0, standard_error=0.02)))
    header, *lines = text.splitlines()[:4]
    assert " ".join(header.split()) == "task kind metric twin joint difference [95 % interval] verdict repair baseline"
    assert "+0.0512 [+0.0316, +0.0708]" in lines[0] and "improved" in lines[0] and "0.4000 majority" in lines[0]
    assert "not worse (was harmed)" in lines[1] and "twin" in lines[1]
    assert "users or rows would tell" in lines[2]
    from rich.cells import cell_len

    assert len({cell_len(line[: line.index("binary")]) for line in lines}) == 1
    assert "\x1b" not in text


def test_claims_count_honestly():
    some = certificate(a=Found(0.05), b=Found(-0.05), c=Found(0.0, standard_error=0.001))
    claim = some.claim()
    assert "harm 1 of 3 tasks" in claim and "1 improved, 2 not worse, 0 unclear, 0 harmed" in claim
    assert "1 of 3 routed to the twin: b." in claim
    assert "parameters -60 %" in claim and "training seconds -67 %" in claim and "latency +50 %" in claim
    assert not sharing_failed(some) and "failed" not in claim and "Left open" not in claim


def test_the_cost_is_said_against_a_joint_model_with_as_many_seeds():
    told = certificate(a=Found(0.05))
    sharing = replace(told.sharing, joint_runs=2.13)
    assert any("2.1 times as long" in each and "all seeds counted in both" in each
               for each in replace(told, sharing=sharing).claims())  # fmt: skip
    assert not any("times as long" in each for each in told.claims())


def test_what_would_settle_an_unclear_verdict_is_said_in_the_table_and_in_the_claims():
    both = certificate(a=Found(0.0, standard_error=0.02, degrees=2.0, seeds=2, seed_share=0.5))
    told = "about 16,000 users or rows and 32 seeds would tell"
    assert f"unclear ({told})" in str(both) and f"Left open: a ({told})." in both.claims()
    hopeless = certificate(a=Found(0.0, standard_error=0.2, degrees=2.0, seeds=2, seed_share=0.5))
    assert "unclear (more data would hardly tell)" in str(hopeless)
    assert "Left open: a (more data would hardly tell)." in hopeless.claims()


def test_more_than_a_third_routed_is_a_failure_of_sharing():
    some = certificate(a=Found(-0.05), b=Found(-0.05), c=Found(0.05))
    assert sharing_failed(some) and "Sharing failed" in some.claim() and "Sharing failed" in str(some)


def test_numbers_keep_about_five_digits():
    assert [_number(x) for x in (0.12344, 3.0, 45.678, 1234.5678, 123456.7)] == [
        "0.1234",
        "3.0000",
        "45.678",
        "1234.6",
        "123457",
    ]
    assert _number(-0.5, sign=True) == "-0.5000" and _number(math.nan) == "-"


def test_a_notebook_shows_the_table_and_the_claims_with_names_escaped():
    shown = certificate(**{"<b>buy</b>": Found(0.05), "harmed": Found(-0.05)})._repr_html_()
    assert "<b>" not in shown and "&lt;b&gt;buy&lt;/b&gt;" in shown
    assert "difference [95 % interval]" in shown and "Before repair" in shown and "twin" in shown
