import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.features import ngrams
from motet.features.ngrams import Bags, fit_ngrams


def split(text):
    return text.split()


def pairs(text):
    found = split(text)
    return found + [f"{a} {b}" for a, b in zip(found, found[1:], strict=False)]


TEXTS = ["red dress red", "red dress", "blue dress", "blue shoe", "red shoe", "dress", ""]


def row_of(bags, row):
    return slice(bags.offsets[row], bags.offsets[row + 1])


def test_words_and_pairs_that_two_texts_hold_are_kept():
    df = {}
    for text in TEXTS:
        for gram in set(pairs(text)):
            df[gram] = df.get(gram, 0) + 1
    kept = {gram for gram, count in df.items() if count >= 2}
    assert kept == {"red", "dress", "blue", "shoe", "red dress"}

    bag = fit_ngrams(TEXTS, split)

    assert bag.sizes["word"] == len(kept)
    assert np.diff(bag.transform(TEXTS)["word"].offsets).tolist() == [len(kept & set(pairs(text))) for text in TEXTS]


def test_weights_are_log_counts_times_idf_of_unit_length():
    words = fit_ngrams(TEXTS, split).transform(TEXTS)["word"]
    weights = np.sort(words.weights[row_of(words, 0)])
    idf = {gram: np.log(8 / (1 + df)) + 1 for gram, df in (("red", 3), ("dress", 4), ("red dress", 2))}
    expected = np.array([idf["red"] * (1 + np.log(2)), idf["dress"], idf["red dress"]])
    np.testing.assert_allclose(weights, np.sort(expected / np.linalg.norm(expected)), rtol=1e-6)


def test_every_text_with_a_known_ngram_has_unit_length():
    for bags in fit_ngrams(TEXTS * 3, split).transform([*TEXTS, "nothing known 123"]).values():
        for row in range(len(bags)):
            part = bags.weights[row_of(bags, row)]
            assert len(part) == 0 or np.linalg.norm(part) == pytest.approx(1)
            assert (np.diff(bags.ids[row_of(bags, row)]) > 0).all()


@pytest.mark.parametrize("chinese", [False, True])
def test_character_ngrams_are_those_of_scikit_learn(chinese):
    from sklearn.feature_extraction.text import CountVectorizer

    rng = np.random.default_rng(0)
    texts = [" ".join("".join(rng.choice(list("abcdé"), 5)) for _ in range(6)) for _ in range(60)]
    reference = CountVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=5)
    if chinese:
        reference = CountVectorizer(
            analyzer="char", ngram_range=(1, 3), min_df=5, preprocessor=lambda text: f" {text} "
        )
    counts = reference.fit_transform(texts)
    bag = fit_ngrams(texts, split, chinese=chinese)
    assert bag.sizes["char"] == pytest.approx(len(reference.vocabulary_), abs=1)
    per_text = np.diff(bag.transform(texts)["char"].offsets)
    assert np.abs(per_text - counts.getnnz(1)).max() <= 1


def test_character_ngrams_do_not_reach_over_a_blank():
    family = fit_ngrams(["ab cd"] * 5, split).families["char"]
    # " ab ": " a" "ab" "b " · " ab" "ab " · " ab "; the same for cd.
    assert family.size == 12


def test_letters_case_and_width_do_not_matter_to_characters():
    bag = fit_ngrams(["full moon"] * 5, split)
    bags = bag.transform(["full  moon", "FULL moon", "ｆｕｌｌ moon\n"])["char"]
    assert len(bags.ids) == 3 * bag.sizes["char"]


def test_take_gathers_rows_in_any_order():
    words = fit_ngrams(TEXTS, split).transform(TEXTS)["word"]
    rows = np.array([4, 6, 0, 4])
    taken = words.take(rows)
    assert len(taken) == 4
    for new, old in enumerate(rows):
        assert taken.ids[row_of(taken, new)].tolist() == words.ids[row_of(words, old)].tolist()
        assert taken.weights[row_of(taken, new)].tolist() == words.weights[row_of(words, old)].tolist()
    assert len(words.take(np.zeros(0, np.int64))) == 0


def test_parts_restore_the_bag_through_json():
    bag = fit_ngrams(TEXTS * 2, split)
    fields, arrays = bag.to_parts()
    back = ngrams.NgramBag.from_parts(json.loads(json.dumps(fields)), arrays, tokenise=split)
    for family in ("word", "char"):
        np.testing.assert_array_equal(back.transform(TEXTS)[family].ids, bag.transform(TEXTS)[family].ids)
        np.testing.assert_array_equal(back.transform(TEXTS)[family].weights, bag.transform(TEXTS)[family].weights)


def test_chunks_change_nothing(monkeypatch):
    whole, bags = fit_ngrams(TEXTS * 2, split).to_parts()[1], fit_ngrams(TEXTS * 2, split).transform(TEXTS)
    monkeypatch.setattr(ngrams, "CHUNK_TEXTS", 2)
    monkeypatch.setattr(ngrams, "CHUNK_CHARACTERS", 15)
    chunked = fit_ngrams(TEXTS * 2, split)
    for name, array in chunked.to_parts()[1].items():
        np.testing.assert_array_equal(array, whole[name])
    for family, each in chunked.transform(TEXTS).items():
        np.testing.assert_array_equal(each.offsets, bags[family].offsets)
        np.testing.assert_array_equal(each.weights, bags[family].weights)


def test_the_most_common_buckets_stay_where_there_are_too_many(monkeypatch):
    monkeypatch.setattr(ngrams, "MAX_IDS", 2)
    bag = fit_ngrams(TEXTS, split)
    assert bag.sizes["word"] == 2
    # red and dress are in 3 and 4 texts, the others in 2.
    assert np.diff(bag.transform(["red", "dress", "blue", "shoe"])["word"].offsets).tolist() == [1, 1, 0, 0]


def test_hashes_are_the_same_in_every_process():
    code = (
        "from motet.features.ngrams import fit_ngrams\n"
        "bag = fit_ngrams(['grey wool', 'grey wool', '灰色'] * 5, str.split)\n"
        "print([family.buckets.tolist() for family in bag.families.values()])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert runs.pop().startswith("[[")


def test_hashes_follow_their_definition():
    """Blake2b of the word, then SplitMix64's finaliser from one unit to the next, in plain integers."""

    def mix(value):
        whole = 2**64 - 1
        value = (value + 0x9E3779B97F4A7C15) & whole
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & whole
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & whole
        return value ^ (value >> 31)

    grey, wool = (
        int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little") for word in ("grey", "wool")
    )
    expected = [mix(1 ^ grey), mix(1 ^ wool), mix(mix(2 ^ grey) ^ wool)]
    found = fit_ngrams(["grey wool"] * 2, split).families["word"].buckets
    assert found.tolist() == sorted(value % ngrams.BUCKETS for value in expected)


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["once only"]])
def test_little_or_nothing_to_learn_gives_empty_bags(texts):
    bag = fit_ngrams(texts, split)
    assert bag.sizes == {"word": 0, "char": 0}
    for bags in bag.transform(["some text", ""]).values():
        assert bags.offsets.tolist() == [0, 0, 0]
    assert [len(bags) for bags in bag.transform([]).values()] == [0, 0]


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=()), max_size=30), max_size=8))
@settings(max_examples=40, deadline=None)
def test_any_text_is_taken(texts):
    bags = fit_ngrams([*texts, *texts], split).transform(texts)
    assert isinstance(bags["word"], Bags)
    assert all(len(each) == len(texts) and np.isfinite(each.weights).all() for each in bags.values())


class Reading:
    """A tokeniser that offers what the room of languages does."""

    def __init__(self, tags=False):
        self.tags = tags

    def __call__(self, text):
        return split(text)

    def plain(self, text):
        return text.replace("ü", "u")

    def parts_of_speech(self, text):
        return ["W" if word.isalpha() else "N" for word in split(text)]

    @property
    def options(self):
        return {"tags": True} if self.tags else {}

    def like(self, options):
        return Reading(**options)


def test_characters_are_read_in_their_normal_form():
    bag = fit_ngrams(["fuss"] * 5, Reading())
    plain, odd = (bag.transform([text])["char"] for text in ("fuss", "füss"))
    np.testing.assert_array_equal(plain.ids, odd.ids)


def test_parts_of_speech_are_a_family_that_comes_back():
    texts = ["red dress 42", "blue shoe 38"] * 5
    assert "tag" not in fit_ngrams(texts, Reading()).families
    bag = fit_ngrams(texts, Reading(tags=True))
    # W, N, W W, W N, W W N
    assert bag.sizes["tag"] == 5
    fields, arrays = bag.to_parts()
    again = type(bag).from_parts(json.loads(json.dumps(fields)), arrays, tokenise=Reading())
    assert again.tokenise.tags
    first, second = (each.transform(["old hat 7"])["tag"] for each in (bag, again))
    np.testing.assert_array_equal(first.ids, second.ids)
    assert len(first.ids) == 5
