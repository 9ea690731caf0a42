import numpy as np
import pytest

from motet.features import whitening
from motet.features.whitening import Standardise, Whitening, fit_standardise, fit_whitening


@pytest.fixture
def vectors():
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(4_000, 12)) * np.linspace(4, 0.5, 12)
    return (mixed @ np.linalg.qr(rng.normal(size=(12, 12)))[0] + 3).astype(np.float32)


def test_without_shrinkage_the_covariance_is_the_identity(vectors):
    fitted = fit_whitening(vectors, width=8, shrink=0)
    projected = (vectors - fitted.mean) @ fitted.projection
    np.testing.assert_allclose(np.cov(projected.T, bias=True), np.eye(8), atol=2e-3)


def test_shrinkage_moves_each_variance_towards_the_mean(vectors):
    fitted = fit_whitening(vectors, width=4, shrink=0.1)
    spread = np.sort(np.linalg.eigvalsh(np.cov(vectors.T, bias=True)))[::-1][:4]
    projected = (vectors - fitted.mean) @ fitted.projection
    expected = spread / (0.9 * spread + 0.1 * spread.mean())
    np.testing.assert_allclose(np.diag(np.cov(projected.T, bias=True)), expected, rtol=2e-3)


def test_the_axes_of_largest_variance_are_kept(vectors):
    fitted = fit_whitening(vectors, width=3)
    axes = np.linalg.eigh(np.cov(vectors.T))[1][:, ::-1][:, :3]
    direction = fitted.projection / np.linalg.norm(fitted.projection, axis=0)
    np.testing.assert_allclose(np.abs((axes * direction).sum(0)), 1, atol=1e-4)


def test_every_vector_has_the_norm_and_no_text_stays_zero(vectors):
    vectors[[3, 7]] = 0
    whitened = fit_whitening(vectors, width=6, norm=2.5).apply(vectors)
    length = np.linalg.norm(whitened, axis=1)
    assert whitened.dtype == np.float32
    assert whitened.shape == (len(vectors), 6)
    assert (length[[3, 7]] == 0).all()
    np.testing.assert_allclose(np.delete(length, [3, 7]), 2.5, rtol=1e-5)


def test_only_the_given_rows_are_learned_from(vectors):
    rows = np.arange(1_000)
    spoiled = vectors.copy()
    spoiled[1_000:] = 1e6
    for fit in (lambda v, r: fit_whitening(v, width=5, rows=r), lambda v, r: fit_standardise(v, rows=r)):
        alone, among, masked = fit(vectors[:1_000], None), fit(spoiled, rows), fit(spoiled, np.arange(4_000) < 1_000)
        for name, array in alone.to_arrays().items():
            np.testing.assert_array_equal(array, among.to_arrays()[name])
            np.testing.assert_array_equal(array, masked.to_arrays()[name])


def test_rows_without_text_do_not_shift_the_fit(vectors):
    with_zeros = np.concatenate([vectors, np.zeros((4_000, 12), np.float32)])
    for fit in (lambda v: fit_whitening(v, width=5), fit_standardise):
        for name, array in fit(vectors).to_arrays().items():
            np.testing.assert_allclose(array, fit(with_zeros).to_arrays()[name], rtol=1e-5, atol=1e-6)


def test_chunks_change_nothing(vectors, monkeypatch):
    whole = fit_whitening(vectors, width=5)
    monkeypatch.setattr(whitening, "CHUNK", 333)
    chunked = fit_whitening(vectors, width=5)
    np.testing.assert_allclose(whole.apply(vectors), chunked.apply(vectors), atol=1e-5)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_few_rows_fill_up_with_zeros(vectors, number):
    fitted = fit_whitening(vectors[:number], width=20)
    whitened = fitted.apply(vectors[:50])
    assert fitted.width == 20
    assert whitened.shape == (50, 20)
    assert np.isfinite(whitened).all()
    assert np.linalg.matrix_rank(fitted.projection) == max(number - 1, 0)


def test_equal_vectors_have_no_direction(vectors):
    same = np.repeat(vectors[:1], 10, axis=0)
    assert not fit_whitening(same, width=4).apply(same).any()
    assert not fit_standardise(same).apply(same).any()


def test_whitening_is_repeatable_and_survives_as_arrays(vectors):
    first, second = fit_whitening(vectors, width=5, norm=0.3), fit_whitening(vectors, width=5, norm=0.3)
    np.testing.assert_array_equal(first.projection, second.projection)
    back = Whitening.from_arrays(first.to_arrays())
    np.testing.assert_array_equal(back.apply(vectors), first.apply(vectors))


def test_standardised_columns_have_mean_zero_and_spread_one(vectors):
    vectors[5] = 0
    fitted = fit_standardise(vectors)
    standard = np.delete(fitted.apply(vectors), 5, axis=0)
    np.testing.assert_allclose(standard.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(standard.std(0), 1, rtol=1e-3)
    assert not fitted.apply(vectors)[5].any()
    back = Standardise.from_arrays(fitted.to_arrays())
    np.testing.assert_array_equal(back.apply(vectors), fitted.apply(vectors))


def test_a_nearly_constant_column_is_not_blown_up(vectors):
    vectors[:, 0] = 1 + 1e-6 * np.arange(len(vectors))
    fitted = fit_standardise(vectors, floor=0.05)
    typical = np.sqrt((vectors.std(0) ** 2).mean())
    assert fitted.scale[0] == pytest.approx(0.05 * typical, rel=1e-3)
