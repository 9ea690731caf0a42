"""What a fusion looks at, and its sums, against values worked by hand."""

import numpy as np
import pytest

from motet.errors import ArtifactError
from motet.recommend.fused import FusedTask
from motet.recommend.fusion import (
    FEATURES,
    PLACE,
    AnswerMix,
    RankingMix,
    Spread,
    features,
    leading,
    log_softmax,
    member_features,
    opened,
    standardised,
)

RAW = np.array([[4.0, 0.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0]], np.float32)


def mix(weight, slope=None, **more):
    weight = np.array(weight, float)
    slope = np.zeros_like(weight) if slope is None else np.array(slope, float)
    return RankingMix(tuple(Spread(False) for _ in weight), weight, slope, **more)


def test_a_member_is_seen_in_five_ways():
    found = dict(zip(FEATURES, member_features(RAW, Spread(False, 2.0), None), strict=True))
    assert found["standard"][0] == pytest.approx(np.array([2, -2, 0, 0]) / np.sqrt(2), rel=1e-5)
    assert found["log"] == pytest.approx(log_softmax(standardised(RAW) / 2), rel=1e-5)
    assert found["share"].sum(axis=1) == pytest.approx([1, 1], rel=1e-5)
    # the two in the middle share the later place; the lowest says nothing, and so does a row without differences
    assert found["place"][0] == pytest.approx([1, 0, PLACE / (PLACE + 2), PLACE / (PLACE + 2)])
    assert found["borda"][0] == pytest.approx([1, 0, 0.98, 0.98])
    assert (found["place"][1] == 0).all() and (found["standard"][1] == 0).all()


def test_log_probabilities_stay_as_they_are():
    log = log_softmax(RAW)
    assert member_features(log, Spread(True), None)[0] == pytest.approx(log)


def test_what_was_seen_has_no_place():
    found = dict(
        zip(FEATURES, member_features(RAW, Spread(False), [np.array([0, -1]), np.array([], int)]), strict=True)
    )
    assert found["place"][0] == pytest.approx([0, 0, PLACE / (PLACE + 1), PLACE / (PLACE + 1)])
    assert leading(RAW, [np.array([0]), np.array([], int)], 2).tolist() == [[2, 3], [0, 1]]


def test_sums_follow_the_weights_and_the_history():
    told = features([RAW, -RAW], [Spread(False)] * 2, None)
    plain = mix([[0, 1, 0, 0, 0], [0, 0.25, 0, 0, 0]])
    assert plain.mixed(told, np.array([3, 3])) == pytest.approx(0.75 * told[0, 1])
    leaning = mix([[0, 0, 0, 0, 0], [0, 0, 0, 0, 0]], [[0, 1, 0, 0, 0], [0, 0, 0, 0, 0]], centre=0.0, scale=np.log(4))
    assert leaning.mixed(told, np.array([3, 0]))[0] == pytest.approx(told[0, 1, 0])
    p = np.exp(mix([[1, 1, 1, 1, 1]], temperature=2.0).log_probabilities([RAW], np.array([1, 1]), None))
    assert p.sum(axis=1) == pytest.approx([1, 1], rel=1e-5) and p[0].argmax() == 0


@pytest.mark.parametrize("output", ["binary", "class", "number"])
def test_a_member_alone_answers_as_it_does(output):
    answer = {"binary": [0.2, 0.9], "class": [[0.2, 0.8], [0.5, 0.5]], "number": [3.0, -7.0]}[output]
    answer = np.array(answer, np.float32)
    assert AnswerMix(np.array([1.0])).mixed(output, [answer]) == pytest.approx(answer, rel=1e-4)
    assert opened(output, [answer, answer]).shape == (*answer.shape, 2)


def test_answers_are_averaged_on_their_own_scale():
    half = AnswerMix(np.array([0.5, 0.5]))
    assert half.mixed("binary", [np.array([0.2]), np.array([0.8])]) == pytest.approx([0.5], rel=1e-5)
    assert half.mixed("number", [np.array([1.0]), np.array([3.0])]) == pytest.approx([2.0])
    mixed = half.mixed("class", [np.array([[0.9, 0.1]]), np.array([[0.5, 0.5]])])
    assert mixed == pytest.approx(np.array([[0.75, 0.25]]), rel=1e-4)  # odds of 9 and of 1 make odds of 3


def test_a_mix_is_kept_as_json_and_read_with_care():
    for each in (mix([[1, 0, 0, 0, 0.5]], temperature=0.7, scale=2.0), AnswerMix(np.array([0.3]), 0.1)):
        task = FusedTask(("one",), each)
        again = FusedTask.from_json(task.to_json())
        assert again.to_json() == task.to_json()
        with pytest.raises(ArtifactError):
            FusedTask.from_json({**task.to_json(), "members": ["one", "two"]})
        with pytest.raises(ArtifactError):
            type(each).from_json({**each.to_json(), "weights": [["x"]]})
    with pytest.raises(ArtifactError):
        RankingMix.from_json({**mix([[1, 0, 0, 0, 0]]).to_json(), "temperature": 0.0})
