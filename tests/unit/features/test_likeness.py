import numpy as np
import pytest

from motet.features.likeness import FLOOR, TEMPERATURE, answer_scores
from motet.features.whitening import fit_whitening


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def few():
    """Thirty texts of three topics; one of them alone has a little of an axis of its own."""
    rng = np.random.default_rng(3)
    topics = np.repeat(np.eye(3, 24), 10, axis=0)
    texts = topics + np.pad(rng.normal(size=(30, 12)) * 0.08, ((0, 0), (3, 9)))
    texts[0, 20] = 0.25
    return unit(texts).astype(np.float32)


def asked(texts, query, width=16):
    whitening = fit_whitening(texts, width=width)
    raw = unit(np.asarray([query], np.float32)).astype(np.float32)
    return answer_scores(whitening.apply(texts), whitening.apply(raw), raw, whitening)[0]


def test_an_axis_that_one_text_uses_does_not_decide_among_few(few):
    query = np.zeros(24)
    query[2], query[20] = 1.0, 0.3
    whitening = fit_whitening(few, width=16)
    raw = unit(query[None]).astype(np.float32)
    whitened = unit(whitening.apply(few)) @ unit(whitening.apply(raw))[0]
    assert whitened.argmax() == 0, "by whitened cosines the first topic wins"
    assert asked(few, query).argmax() >= 20


def test_a_query_that_no_text_is_like_says_nothing(few):
    strange = np.zeros(24)
    strange[[22, 23]] = 1.0
    strange[4] = 0.1
    assert asked(few, strange) == pytest.approx(-np.log(30))
    near = np.zeros(24)
    near[1] = 1.0
    assert np.ptp(asked(few, near)) > 1


def test_of_many_texts_the_whitened_cosine_stands():
    rng = np.random.default_rng(0)
    texts = unit(rng.normal(size=(20_000, 8)) * np.linspace(3, 0.5, 8)).astype(np.float32)
    whitening = fit_whitening(texts, width=8)
    query = texts[:4] + 0.05 * rng.normal(size=(4, 8)).astype(np.float32)
    known, wanted = whitening.apply(texts), whitening.apply(query)
    cosine = unit(wanted) @ unit(known).T / TEMPERATURE
    expected = cosine - np.log(np.exp(cosine).sum(1, keepdims=True))
    found = answer_scores(known, wanted, query, whitening)
    best = np.argsort(-expected, axis=1)[:, :20]
    np.testing.assert_allclose(*(np.take_along_axis(each, best, 1) for each in (found, expected)), atol=0.05)


def test_rows_are_probabilities_and_texts_that_are_none_say_nothing(few):
    texts = np.vstack([few, np.zeros((2, 24), np.float32)])
    whitening = fit_whitening(texts, width=16)
    raw = np.vstack([few[:1], np.zeros((1, 24), np.float32)])
    found = answer_scores(whitening.apply(texts), whitening.apply(raw), raw, whitening)
    np.testing.assert_allclose(np.exp(found).sum(1), 1, rtol=1e-4)
    assert found[0].argmax() == 0 and found[1] == pytest.approx(-np.log(32))
    assert 0 < FLOOR < 1


def test_how_much_of_a_vector_lies_along_the_axes(few):
    whitening = fit_whitening(few, width=16)
    outside = np.eye(24)[[23]].astype(np.float32)
    assert whitening.inside(few) == pytest.approx(1, abs=1e-3)
    length = np.linalg.norm(outside - whitening.mean)
    assert whitening.inside(outside)[0] == pytest.approx(np.sqrt(1 - 1 / length**2), abs=0.02)
    assert whitening.inside(np.zeros((1, 24), np.float32))[0] == 0
    assert (whitening.spread > 0).sum() == np.any(whitening.projection, axis=0).sum()
