import numpy as np
import polars as pl
import pytest

from motet.data import OTHER, USER
from motet.data.hashing import pair_key
from motet.errors import ProjectError
from motet.schema import TEST, TRAIN, VALID, NextItem, Relation
from motet.tasks import examples_of
from motet.tasks.relation import ODDS

from ._tiny import EVENT_KEYS, divided, events

USERS = 60
ROWS = [(f"u{user:02}", f"i{item}", item) for user in range(USERS) for item in range(4)]


def world(*, directed=False, split=None, extra=()):
    rng = np.random.default_rng(0)
    pairs = [(f"u{a:02}", f"u{b:02}") for a in range(USERS) for b in rng.choice(USERS, 5, replace=False) if a != b]
    friends = pl.DataFrame([*pairs, *extra], schema=["who", "whom"], orient="row")
    tables = {
        "events": {"rows": events(ROWS), **EVENT_KEYS},
        "friends": {"rows": friends, "user": "who", "other": "whom", "directed": directed},
    }
    task = Relation(name="friend", table="friends", split=split)
    found = divided(tables, [NextItem(), task])
    return found, examples_of(found.project.tasks["friend"], found)


def ids(division, examples):
    users = division.events.users
    return list(zip(users.gather(examples.user_n), users.gather(examples.other_n), strict=True))


def key(pair, directed):
    return tuple(pair) if directed else tuple(sorted(pair))


@pytest.mark.parametrize("directed", [False, True])
def test_strangers_are_no_pair_of_any_part(directed):
    division, examples = world(directed=directed)
    frame = division.tables.frame("friends")
    known = {key(pair, directed) for pair in frame.select(USER, OTHER).iter_rows()}
    assert len(known) == frame.height, "a pair stands once"
    for pair, yes in zip(ids(division, examples), examples.label, strict=True):
        assert (key(pair, directed) in known) == yes
        assert pair[0] != pair[1]
    assert len({key(pair, directed) for pair in ids(division, examples)}) == len(examples), "each is asked once"


def test_a_held_out_stranger_is_no_training_stranger():
    division, examples = world()
    drawn = ~examples.label.to_numpy()
    pairs = np.array([key(pair, False) for pair in ids(division, examples)])
    held = set(map(tuple, pairs[drawn & (examples.part_n != TRAIN)]))
    assert held and not held & set(map(tuple, pairs[drawn & (examples.part_n == TRAIN)]))


def test_one_stranger_per_pair_judges_and_four_train():
    _, examples = world()
    yes = examples.label.to_numpy()
    for part, times in ((TRAIN, 4), (VALID, 1), (TEST, 1)):
        inside = examples.part_n == part
        assert (inside & ~yes).sum() == times * (inside & yes).sum() > 0
    assert ODDS == 4


def test_a_pair_lies_where_its_hash_says_in_either_direction():
    division, examples = world(extra=[("u00", "u01"), ("u01", "u00")])
    frame = division.tables.frame("friends")
    keys = pair_key(frame[USER], frame[OTHER])
    assert keys.is_unique().all()
    rows = examples.row_n[examples.row_n >= 0]
    assert (division.parts["friends"][rows] == examples.part_n[examples.row_n >= 0]).all()


def test_both_histories_end_where_the_part_does():
    division, examples = world()
    index = division.events
    for user_n, cut_n in ((examples.user_n, examples.cut_n), (examples.other_n, examples.other_cut_n)):
        wanted = np.where(examples.part_n == TEST, 3, 2)  # four events, the last two held out
        assert (cut_n == wanted).all()
        assert (index.part_N[index.starts[user_n] + cut_n - 1] <= examples.part_n).all()


def test_users_without_events_are_asked_about_too():
    division, examples = world(extra=[("x", f"u{n:02}") for n in range(USERS)])
    x = division.events.users.to_list().index("x")
    asked = (examples.user_n == x) | (examples.other_n == x)
    assert asked.sum() >= USERS
    assert (examples.cut_n[examples.user_n == x] == 0).all()


def test_an_own_split_is_held_to():
    _, examples = world(split={"fractions": [0.5, 0.25, 0.25]})
    share = (examples.part_n[examples.row_n >= 0] == TRAIN).mean()
    assert 0.35 < share < 0.65


def test_a_row_that_another_task_holds_out_trains_nobody():
    division, _ = world()
    tasks = [NextItem(), Relation(name="a", table="friends"), Relation(name="b", table="friends", split={})]
    project = division.project.model_copy(update={"tasks": {t.name or t.kind: t for t in tasks}})
    from motet.data.divide import divide

    again = divide(project, division.tables)
    one, other = (examples_of(task, again) for task in tasks[1:])
    for train, judged in ((one, other), (other, one)):
        trained = set(train.row_n[(train.part_n == TRAIN) & (train.row_n >= 0)])
        assert not trained & set(judged.row_n[(judged.part_n > TRAIN) & (judged.row_n >= 0)])


def test_a_table_without_a_second_user_is_refused():
    tables = {"events": {"rows": events(ROWS), **EVENT_KEYS}}
    division = divided(tables, [NextItem(), Relation(name="friend", table="events")])
    with pytest.raises(ProjectError, match="'events' does not name both sides"):
        examples_of(division.project.tasks["friend"], division)
