import tomllib

from motet.transfer.advise import advise

from ._facts import pair, task


def test_friends_share_one_plain_trunk():
    found = advise([task("a"), task("b")], [pair("a", "b", 0.4, 0.2, correlation=0.6)])
    assert [members for members, _ in found.groups] == [("a", "b")] and not found.alone
    assert found.sections == {"sharing": {"kind": "shared_bottom"}, "balance": {"kind": "norm"}}
    assert "gain 30%" in found.groups[0][1] and "0.60" in found.groups[0][1]


def test_a_few_harmful_tasks_are_turned_down_and_heavy_ones_shut_out():
    pairs = [pair("a", "b", -0.2, 0.0), pair("a", "c", 0.0, -0.9), pair("b", "c", 0.1, 0.1)]
    found = advise([task("a"), task("b"), task("c", labels=9000)], pairs)
    assert found.sharing.settings == {"kind": "shared_bottom", "valves": {"a": 0.3}}, "c is the main task"
    heavy = advise([task("a"), task("b"), task("c", labels=10)], pairs)
    assert heavy.sharing.settings["valves"] == {"c": 0.0}, "a has most labels among equals, so the others serve it"
    assert tomllib.loads(heavy.lines())["sharing"] == {"kind": "shared_bottom", "valves": {"c": 0.0}}


def test_where_most_directions_harm_every_task_chooses_for_itself():
    pairs = [pair("a", "b", -0.5, -0.5), pair("a", "c", -0.5, -0.5), pair("b", "c", 0.2, 0.2)]
    found = advise([task(name) for name in "abc"], pairs)
    assert found.sharing.what == "attention" and "4 of 6" in found.sharing.why
    assert set(found.alone) == {"a"} and "50%" in found.alone["a"]


def test_who_is_the_main_task():
    plain = [task("a", labels=5), task("b", labels=9)]
    assert advise(plain, [pair("a", "b")]).main.what == "b" and "main" not in advise(plain, []).balance.settings
    ranked = [*plain, task("next", kind="next_item", labels=1)]
    assert advise(ranked, []).balance.settings == {"kind": "norm", "main": "next"}
    dear = [*ranked, task("buy", value=3.0)]
    assert advise(dear, []).balance.settings["main"] == "buy"
    assert advise(dear[:1], []).main.what == "a" and advise(dear[:1], []).alone == {"a": "it is the only task."}


def test_gradients_that_pull_against_each_other_are_bargained_between():
    tasks = [task("a"), task("b")]
    assert advise(tasks, [pair("a", "b", cosine=-0.4)]).balance.what == "nashmtl"
    assert advise(tasks, [pair("a", "b", cosine=float("nan"))]).balance.what == "norm"
