"""Members that know different halves of the truth, fused; and members of which one knows nothing."""

import numpy as np
import pytest

from motet.recommend.fusion import Spread
from motet.stages.fusing_answers import fit_answer_ways
from motet.stages.fusing_lists import (
    Questions,
    best_way,
    candidates_of,
    fit_ways,
    mix_of,
    ranked_by,
    spreads_of,
    tempered,
)

USERS, ITEMS = 600, 80


class Member:
    log = False

    def __init__(self, name, score_UI):
        self.name, self.score_UI = name, score_UI.astype(np.float32)

    def scores(self, block):
        return self.score_UI[block]


@pytest.fixture(scope="module")
def world():
    """One member knows the first half of the users well, the other the second, whose histories are long."""
    rng = np.random.default_rng(0)
    target = rng.integers(ITEMS, size=USERS)
    hint = np.zeros((USERS, ITEMS))
    hint[np.arange(USERS), target] = 2.5
    early = np.arange(USERS) < USERS // 2
    one = rng.normal(size=hint.shape) + hint * early[:, None]
    other = rng.normal(size=hint.shape) + hint * ~early[:, None]
    members = [Member("one", one), Member("other", other), Member("noise", rng.normal(size=hint.shape))]
    length = np.where(early, 1, 12)
    rng.shuffle(order := np.arange(USERS))
    parts = np.sort(order[: USERS // 2]), np.sort(order[USERS // 2 :])
    had = lambda block: [np.full(length[at], (target[at] + 1) % ITEMS) for at in block]  # noqa: E731
    return members, [Questions(at, target[at], np.array([f"u{each}" for each in at]), had, True, ITEMS) for at in parts]


@pytest.fixture(scope="module")
def known(world):
    members, (choosing, _) = world
    spreads = spreads_of(members, choosing)
    return spreads, candidates_of(members, spreads, choosing)


def test_temperatures_tell_who_knows(known):
    spreads, _ = known
    assert spreads[2].temperature > max(each.temperature for each in spreads[:2])
    assert all(isinstance(each, Spread) and not each.log for each in spreads)


def test_candidates_leave_out_what_was_seen(world, known):
    members, (choosing, _) = world
    _, found = known
    assert found.x_nCMF.shape[2:] == (3, 5) and (found.real_nC.sum(axis=1) < ITEMS).all()
    assert (found.place_n >= 0).mean() > 0.9
    gain = found.gains(np.where(np.arange(found.x_nCMF.shape[1]) == found.place_n[:, None], 1.0, 0.0))
    assert set(np.unique(gain)) <= {0.0, 1.0} and gain.mean() == (found.place_n >= 0).mean()


def test_a_stack_learns_whom_to_trust_for_whom(world, known):
    members, (choosing, asked) = world
    spreads, candidates = known
    names = [each.name for each in members]
    best = {each: best_way(fit_ways(candidates, names, each)) for each in ("vote", "mean", "stack")}
    alone = {way.name: way.gain for way in fit_ways(candidates, names, "mean")}
    assert best["stack"].gain >= max(alone.values()) and "by history" in best["stack"].name
    mixes = {name: mix_of(way, spreads, candidates) for name, way in best.items()}
    ranked = ranked_by(mixes, members, asked, listing="stack")
    hit = {name: (rank == 0).mean() for name, rank in ranked.rank.items()}
    assert hit["stack"] > hit["mean"] > max(hit["member one"], hit["member other"]) > hit["member noise"]
    assert ((ranked.top_nK[:, 0] == asked.target_n) == (ranked.rank["stack"] == 0)).all()
    warm = tempered(mixes["stack"], members, choosing)
    assert warm.temperature > 0 and (warm.weight_MF == mixes["stack"].weight_MF).all()


def test_a_lone_member_is_fused_with_nobody(known):
    from dataclasses import replace

    _, candidates = known
    fewer = replace(candidates, x_nCMF=candidates.x_nCMF[:, :, :1])
    assert [way.name for way in fit_ways(fewer, ["one"], "stack")] == ["one alone"]
    assert fit_answer_ways.__doc__
