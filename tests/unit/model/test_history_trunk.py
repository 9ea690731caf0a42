from dataclasses import replace

import numpy as np
import pytest
import torch

from motet.features.batch import Batch, Block, Segments
from motet.features.segments import gather, single_stretches, training_stretches

VIEW = "events[history]"


@pytest.fixture
def read(study, model):
    """Return a function from segments (and other tensors) to states, (B, L + 1, d)."""
    trunk = model.sharing.trunk

    def states(segments, tensors=study.tensors):
        event, user = torch.from_numpy(segments.event_BL), torch.from_numpy(segments.user_B)
        with torch.no_grad():
            vectors = trunk.item_vectors(tensors)
            inputs = vectors[tensors.events.item_N[event]]
            return trunk.history(tensors.events, tensors.profiles, event, user, inputs)

    return states


@pytest.fixture
def some(study):
    """Users with at least eight events: their first seven, three users in a batch."""
    starts = study.division.events.starts
    users = np.flatnonzero(np.diff(starts) >= 8)[:3]
    event = starts[users][:, None] + np.arange(7)[None, :] + 1
    return Segments(event.astype(np.int64), users.astype(np.int64) + 1)


def test_a_later_event_leaves_earlier_states_as_they_were(read, some):
    before = read(some)
    event = some.event_BL.copy()
    event[:, 4] = [200, 201, 202]
    after = read(Segments(event, some.user_B))
    torch.testing.assert_close(after[:, :5], before[:, :5])
    assert ((after[:, 5:] - before[:, 5:]).abs().amax(dim=2) > 1e-4).all()


def test_padding_and_neighbours_do_not_matter(read, some):
    before = read(some)
    padded = np.concatenate([some.event_BL, np.zeros((3, 4), np.int64)], axis=1)
    torch.testing.assert_close(read(Segments(padded, some.user_B))[:, :8], before, rtol=1e-4, atol=1e-5)
    alone = read(Segments(some.event_BL[1:2, :5], some.user_B[1:2]))
    torch.testing.assert_close(alone, before[1:2, :6], rtol=1e-4, atol=1e-5)


def test_the_profile_is_seen_from_everywhere(study, read, some):
    before = read(some)
    profiles = study.tensors.profiles
    other = replace(profiles, codes_nC=(profiles.codes_nC + 1) % study.shape.profile.codes)
    after = read(some, replace(study.tensors, profiles=other))
    assert ((after - before).abs().amax(dim=2) > 1e-4).all()
    unknown = read(Segments(some.event_BL, np.zeros(3, np.int64)))
    assert ((unknown - before).abs().amax(dim=2) > 1e-4).all()


def test_the_first_token_knows_the_profile_alone(read, some):
    nothing = Segments(np.zeros((3, 0), np.int64), some.user_B)
    torch.testing.assert_close(read(nothing)[:, 0], read(some)[:, 0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("what", ["item_N", "gap_N", "text_N"])
def test_what_happened_when_and_what_was_said_is_seen(study, read, some, what):
    before = read(some)
    events = study.tensors.events
    values = getattr(events, what).clone()
    most = {"item_N": study.shape.num_items, "gap_N": 33, "text_N": len(events.text_vectors) - 1}[what]
    values[some.event_BL[:, 6]] = (values[some.event_BL[:, 6]] + 1) % most + 1
    after = read(some, replace(study.tensors, events=replace(events, **{what: values})))
    assert ((after[:, 7] - before[:, 7]).abs().amax(dim=1) > 1e-4).all()


def test_an_events_own_columns_are_seen(study, read, some):
    before = read(some)
    plain = study.tensors.events.plain
    other = replace(plain, codes_nC=plain.codes_nC.flip(0), bins_nB=1 - plain.bins_nB)
    after = read(some, replace(study.tensors, events=replace(study.tensors.events, plain=other)))
    assert ((after[:, 7] - before[:, 7]).abs().amax(dim=1) > 1e-4).all()


def test_the_order_of_events_matters(read, some):
    swapped = some.event_BL.copy()
    swapped[:, [1, 4]] = swapped[:, [4, 1]]
    difference = read(Segments(swapped, some.user_B))[:, 7] - read(some)[:, 7]
    assert (difference.abs().amax(dim=1) > 1e-4).all()


def questions(study):
    view = study.features.questions[VIEW]
    return view.user_n, view.cut_n


def trunk_states(study, model, segments, state_n):
    block = Block(VIEW, state_n, None, None, None, {}, len(state_n))
    trunk = model.sharing.trunk
    with torch.no_grad():
        (state,) = trunk(Batch(segments, (block,)), study.tensors, trunk.item_vectors(study.tensors))
    return state.history_nd


def test_a_short_history_is_read_in_a_stretch_as_it_is_read_alone(study, model):
    most = study.shape.max_history
    user, cut = questions(study)
    stretches, stretch_of = training_stretches(user, cut, max_history=most)
    starts = study.division.events.starts
    together = gather(stretches, np.arange(len(stretches.user_S)), starts)
    width = together.event_BL.shape[1] + 1
    in_stretch = trunk_states(study, model, together, stretch_of * width + cut - stretches.first_S[stretch_of])
    own = single_stretches(user, cut, max_history=most)
    alone = gather(own, np.arange(len(user)), starts)
    width = alone.event_BL.shape[1] + 1
    by_itself = trunk_states(study, model, alone, np.arange(len(user)) * width + own.length_S)
    short = cut <= most
    assert short.sum() > 100 and (~short).sum() > 10
    torch.testing.assert_close(in_stretch[short], by_itself[short], rtol=1e-4, atol=1e-5)


def test_no_event_beyond_the_window_is_attended_to(study):
    """One layer reads its window and the profile, nothing else."""
    from motet.model.trunk.readers.transformer import Attention

    torch.manual_seed(0)
    attention = Attention(8, 2, window=3, dropout=0.0).eval()
    x, known = torch.randn(1, 8, 8), torch.ones(1, 8, dtype=torch.bool)
    x.requires_grad_()
    attention(x, known)[0, 7].sum().backward()
    reached = x.grad[0].abs().sum(1) > 0
    assert reached.tolist() == [True, False, False, False, False, True, True, True]


def test_the_distance_bias_counts_backwards():
    from motet.model.trunk.readers.transformer import Attention

    attention = Attention(8, 2, window=3, dropout=0.0)
    with torch.no_grad():
        attention.distance.copy_(torch.tensor([[1.0, 2, 3, 4], [5, 6, 7, 8]]))
        attention.profile.copy_(torch.tensor([0.5, 0.25]))
    bias = attention._bias(5).detach()
    assert bias[0, 4].tolist() == [0.5, -1e9, 3.0, 2.0, 1.0]
    assert bias[1, 1].tolist() == [0.25, 5.0, -1e9, -1e9, -1e9]
