import numpy as np
import torch

from motet.features.state import FeatureState
from motet.model.histories import states_of
from motet.model.parts import Served
from motet.recommend.port import History

HOUR = 3_600_000


def served() -> Served:
    state = FeatureState({}, {}, None, None, None, {}, None, {}, {}, timed=True)
    return Served({}, {}, state, None)


def encoded(histories: list[History], max_history: int = 3):
    return states_of(histories, served(), None, max_history, torch.device("cpu"))


def test_each_state_stands_behind_its_own_last_events():
    long = History(np.arange(5, dtype=np.int32), time_L=np.arange(5) * HOUR)
    empty = History(np.zeros(0, np.int32), time_L=np.zeros(0, np.int64))
    found = encoded([long, empty])
    assert found.segments.event_BL.tolist() == [[1, 2, 3], [0, 0, 0]]
    assert found.tensors.events.item_N.tolist() == [0, 3, 4, 5]  # index + 1 of the last three, behind nothing
    assert found.state_B.tolist() == [3, 4]


def test_a_cut_history_keeps_the_gap_to_the_event_before_the_cut():
    long = History(np.arange(5, dtype=np.int32), time_L=np.array([0, 1, 2, 3, 3]) * HOUR)
    hour, nothing = 1 + 11, 1  # 1 + floor(log2(1 + seconds))
    assert encoded([long]).tensors.events.gap_N.tolist() == [0, hour, hour, nothing]


def test_the_moment_of_the_question_counts_from_the_last_event():
    history = History(np.zeros(1, np.int32), time_L=np.array([HOUR]), now=2 * HOUR)
    assert encoded([history]).gap_B.tolist() == [12]
