import numpy as np
import pytest

from motet.errors import MissingExtra, RequestError
from motet.language.encoders import _fitted
from motet.language.encoders import student as module
from motet.language.encoders._fitted import way_to_cut
from motet.language.encoders.student import Student, student, thinned
from motet.schema import EncoderConfig

COLOURS, THINGS = ("red", "blue", "green", "white"), ("dress", "coat", "boots", "pan", "kettle", "knife")
TEXTS = [f"a {colour} {thing} for {season}" for colour in COLOURS for thing in THINGS for season in ("summer", "work")]


class Teacher:
    """Sums a random vector per word: what a student can learn exactly."""

    width, id, pretrained, truncated = 24, "teacher:1", True, 0

    def encode(self, texts, *, on_progress=None):
        found = np.array([sum(self._word(word) for word in text.split()) + 2.0 for text in texts], np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    def _word(self, word):
        return np.random.default_rng(list(word.encode())).normal(size=self.width)


@pytest.fixture
def taught():
    teacher = Teacher()
    pupil = Student(lambda texts: teacher)
    pupil.learn(TEXTS, teacher.encode(TEXTS), teacher.id, teacher.encode)
    return pupil


def test_it_answers_new_texts_nearly_as_its_teacher(taught):
    asked = ["a red knife for work and summer", "white boots", "blue kettle for work"]
    cosine = (taught.encode(asked) * Teacher().encode(asked)).sum(1)
    assert cosine.min() > 0.8 and taught.agreement > 0.95 and taught.width == 24


def test_misspelt_words_are_read_by_their_pieces(taught):
    misspelt, right, other = taught.encode(["ketttle", "kettle", "summer"])
    assert misspelt @ right > misspelt @ other


def test_it_has_to_be_taught():
    pupil = Student(lambda texts: Teacher())
    assert pupil.width == 24 and pupil.id == "student"
    with pytest.raises(RequestError, match="not been taught"):
        pupil.encode(["pan"])


def test_words_can_be_put_away_and_the_rest_stays(taught):
    known, before = taught.encode(["a red dress"]), taught.id
    taught.keep_words(["a red dress for summer"])
    assert "kettle" not in repr(taught.state()["words"]) + repr(taught.state()["pairs"])
    np.testing.assert_array_equal(taught.encode(["a red dress"]), known)
    assert taught.id != before
    place = [at for at, word in enumerate(taught.state()["words"]) if word.startswith("\x00")]
    assert place and not taught.state()["codes"][place].any()


@pytest.mark.parametrize("texts", [[], ["", " "], ["one text"]])
def test_little_to_learn_is_no_error(texts):
    teacher, pupil = Teacher(), Student(lambda texts: Teacher())
    vectors = np.concatenate([teacher.encode([text]) if text.strip() else np.zeros((1, 24)) for text in texts or [""]])
    pupil.learn(texts or [""], vectors.astype(np.float32), "t", lambda some: np.zeros((len(some), 24), np.float32))
    found = pupil.encode(["one text", ""])
    assert np.isfinite(found).all() and not found[1].any()


def test_texts_are_read_once_and_thinned_evenly(monkeypatch):
    monkeypatch.setattr(module, "MOST_TEXTS", 3)
    assert thinned(["a", "a", " ", "b", "c", "d", "e", "f"]) == ["a", "c", "e"]


def test_chinese_texts_have_their_own_cut_and_their_own_teacher(monkeypatch):
    assert way_to_cut(["pan", "苹果很甜"]) == "jieba" and way_to_cut(["pan"] * 30 + ["苹果"]) == "simple"
    monkeypatch.setattr(_fitted, "has_segmenter", lambda: False)
    assert way_to_cut(["苹果很甜"]) == "characters"
    with pytest.raises(MissingExtra):
        student(EncoderConfig()).restore({"cut": "jieba"})
