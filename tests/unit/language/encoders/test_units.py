import numpy as np

from motet.language.encoders._units import BORDER, Units, fit_units, pieces_of

KNOWN = Units(("red", "pan"), ("red pan",), ("tea", "eap"))


def test_words_pairs_and_pieces_are_counted_by_the_root_of_the_length():
    rows = KNOWN.rows([["red", "pan"], ["teap"], ["pan", "pan", "pan", "pan"], []]).toarray()
    half = 2**-0.5
    np.testing.assert_allclose(rows[0], [half, half, half, 0, 0], atol=1e-6)
    np.testing.assert_allclose(rows[1], [0, 0, 0, 0.5, 0.5])  # two known pieces share one word
    np.testing.assert_allclose(rows[2], [0, 2, 0, 0, 0])
    assert not rows[3].any()


def test_a_piece_begins_as_the_mean_of_its_words():
    units = Units(("tea", "teas"), (), (f"{BORDER}te", "eas", "xyz"))
    np.testing.assert_allclose(units.spelt().toarray(), [[0.5, 0.5], [0, 1], [0, 0]])


def test_what_is_put_away_leaves_the_rest_at_its_place():
    left = KNOWN.without(np.array([True, False, True, False, False]))
    assert left.words[1] == "pan" and left.pieces == KNOWN.pieces and "red" not in "".join([*left.words, *left.pairs])
    assert not left.rows([["red"]]).toarray()[0, :3].any()


def test_of_few_texts_every_word_is_known_and_the_most_frequent_come_first():
    units = fit_units([["a", "b"], ["b", "a"], ["b", "c"], ["b", "c"], ["b", "c"]])
    assert units.words == ("b", "c", "a") and units.pairs == ("b c",)


def test_of_many_texts_what_came_once_teaches_the_pieces_only():
    texts = [[f"word{number}", "pan"] for number in range(1_200)]
    units = fit_units(texts)
    assert units.words == ("pan",) and "wor" in units.pieces
    assert units.rows([["word9999"]]).nnz > 0


def test_pieces_have_borders():
    assert pieces_of("tea") == [f"{BORDER}te", "tea", f"ea{BORDER}"]
    assert len(pieces_of("a" * 3_000)) < 100
