"""Maps are found where there is something to find, keep order, keep chains, and cover what they promise."""

import numpy as np
import pytest

from motet.evaluate import find
from motet.evaluate.calibrators import TemperatureSearch, applied, calibrate, consistent
from motet.evaluate.calibrators.apply import kept
from motet.evaluate.calibrators.chain import consistent as chained
from motet.evaluate.calibrators.choose import FEW, MANY, by_temperature, curve_for, number_interval
from motet.evaluate.calibrators.conformal import offsets
from motet.evaluate.calibrators.isotonic import isotonic
from motet.evaluate.calibrators.platt import platt
from motet.evaluate.calibrators.temperature import TEMPERATURES
from motet.recommend.calibrated import NONE, Calibration, log_odds

from ._make import make as predictions


def answers(n, *, stretch=2.0, shift=1.0, seed=0):
    """Yes and no with log-odds z, promised with log-odds stretch · z + shift."""
    rng = np.random.default_rng(seed)
    z = rng.normal(-0.5, 1.5, n)
    yes = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(np.float64)
    return 1 / (1 + np.exp(-(stretch * z + shift))), yes


def binary(n, **how):
    p, yes = answers(n, **how)
    return predictions("binary", score=p.astype(np.float32), label=yes.astype(np.float32))


def test_platt_finds_what_was_done_to_the_odds():
    curve = platt(*answers(20_000))
    assert curve.ends[0] == pytest.approx(0.5, abs=0.03) and curve.y[0] == pytest.approx(-0.5, abs=0.05)


def test_platt_only_shifts_where_a_curve_would_fall():
    p, yes = answers(2_000)
    curve = platt(p, 1 - yes)
    assert curve.ends == (1.0, 1.0)


def test_isotonic_follows_a_curve_that_platt_cannot():
    rng = np.random.default_rng(1)
    p = rng.random(20_000)
    yes = (rng.random(20_000) < np.where(p < 0.5, 0.1, 0.6)).astype(np.float64)
    curve = isotonic(p, yes)
    found = 1 / (1 + np.exp(-curve(log_odds(np.array([0.2, 0.8])))))
    assert np.allclose(found, [0.1, 0.6], atol=0.03)
    assert curve_for(p, yes).kind == "isotonic"


@pytest.mark.parametrize("n, kind", [(FEW, "none"), (400, "platt"), (6 * MANY, ("platt", "isotonic"))])
def test_the_amount_of_data_chooses(n, kind):
    assert curve_for(*answers(n)).kind in kind


def test_what_is_honest_already_is_left_alone_or_hardly_touched():
    p, yes = answers(4_000, stretch=1.0, shift=0.0)
    found = curve_for(p, yes)
    assert np.abs(found.probability(p) - p).max() < 0.08
    assert curve_for(np.full(500, 0.5), yes[:500] * 0).kind == "none", "only one answer ever came"


def test_calibration_lowers_ece_and_keeps_ranks():
    fitted, judged = binary(20_000), binary(20_000, seed=1)
    after = applied(judged, calibrate(fitted))
    assert find("ece").value(judged) > 0.08 and find("ece").value(after) < 0.02
    assert find("auc").value(after) == pytest.approx(find("auc").value(judged), abs=1e-9)
    assert find("log_loss").value(after) < find("log_loss").value(judged)


def test_a_temperature_is_found_and_keeps_accuracy():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(5_000, 6))
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    label = (p.cumsum(axis=1) > rng.random((5_000, 1))).argmax(axis=1)
    sharp = np.exp(3 * scores) / np.exp(3 * scores).sum(axis=1, keepdims=True)
    given = predictions("class", score=sharp, label=label.astype(np.float32))
    found = calibrate(given)
    assert found.kind == "temperature" and found.temperature == pytest.approx(3.0, rel=0.05)
    after = applied(given, found)
    assert find("accuracy").value(after) == find("accuracy").value(given)
    assert find("ece").value(after) < 0.03 < find("ece").value(given)
    assert found.after < found.before


def test_a_search_takes_pieces_and_skips_what_was_never_shown():
    rng = np.random.default_rng(3)
    scores, target = rng.normal(size=(300, 9)), rng.integers(-1, 9, 300)
    whole, pieces = TemperatureSearch(), TemperatureSearch()
    whole.add(scores, target)
    for begin in range(0, 300, 70):
        pieces.add(scores[begin : begin + 70], target[begin : begin + 70])
    assert whole.questions == pieces.questions == int((target >= 0).sum())
    assert np.allclose(whole.best(), pieces.best())
    assert whole.best()[0] == pytest.approx(TEMPERATURES[-1]), "chance is best told by no difference at all"
    assert by_temperature(TemperatureSearch()) == NONE


def test_conformal_intervals_hold_what_they_promise():
    held = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        error = rng.exponential(size=400) - 1
        low, high = offsets(error[:199], level=0.9)
        held.append(((error[199:] >= low) & (error[199:] <= high)).mean())
    assert 0.9 - 0.01 < np.mean(held) < 0.925


def test_too_few_errors_make_no_interval():
    assert offsets(np.zeros(18), level=0.9) is None
    assert offsets(np.arange(19.0), level=0.9) == (0.0, 18.0)


def test_an_interval_of_numbers_is_told_on_other_questions():
    rng = np.random.default_rng(0)
    truth = np.exp(rng.normal(size=3_000)).astype(np.float32)
    guess = (truth * np.exp(rng.normal(size=3_000) * 0.3)).astype(np.float32)
    first = predictions("number", score=guess[:1500], label=truth[:1500])
    then = predictions("number", score=guess[1500:], label=truth[1500:])
    for log in (False, True):
        map = calibrate(first, level=0.8, log=log)
        fared = kept(then, map)
        assert fared["coverage"] == pytest.approx(0.8, abs=0.03) and fared["questions"] == 1500
        assert applied(then, map) is then
    assert kept(then, NONE) is None


def test_a_rating_stays_within_its_levels():
    rng = np.random.default_rng(0)
    share = rng.dirichlet(np.ones(5), 200)
    given = predictions("ordinal", score=share, label=rng.integers(1, 6, 200), levels_C=np.arange(1.0, 6.0))
    assert number_interval(given, level=0.9).bounds == (1.0, 5.0)


@pytest.mark.parametrize("shifts", [(0.0, 2.0), (2.0, -1.0), (-1.0, 0.5)])
def test_chains_stay_in_order(shifts):
    rng = np.random.default_rng(0)
    z = rng.normal(size=5_000)
    view = 1 / (1 + np.exp(-z))
    buy = view * 0.5
    raw = {
        "view": predictions("binary", score=view, label=(rng.random(5_000) < 1 / (1 + np.exp(-z - shifts[0])))),
        "buy": predictions(
            "binary", score=buy, label=(rng.random(5_000) < 1 / (1 + np.exp(-log_odds(buy) - shifts[1])))
        ),
    }
    maps = {task: calibrate(each) for task, each in raw.items()}
    found = chained(maps, ("view", "buy"), raw)
    after = {task: applied(each, found[task]).score for task, each in raw.items()}
    assert (after["view"] >= after["buy"]).all()
    assert (np.diff(after["buy"][np.argsort(buy)]) >= 0).all()
    assert consistent(maps, (), raw) == maps
    losses = {task: find("log_loss").value(applied(each, found[task])) for task, each in raw.items()}
    assert sum(losses.values()) <= sum(find("log_loss").value(each) for each in raw.values()) + 1e-9


def test_tags_keep_their_answers():
    given = predictions("tags", score=np.full((50, 3), 0.4), label=np.ones((50, 3)))
    assert calibrate(given) == NONE and applied(given, Calibration("temperature", 2.0)) is given
