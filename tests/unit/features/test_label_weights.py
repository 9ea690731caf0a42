import pytest

from motet.errors import ProjectError
from motet.features.label_weights import MOST, label_weights
from motet.features.labels import Labels
from motet.schema import Binary, ClassTask, Number, Tags

CLASSES = Labels("class", classes=("red", "blue", "green"), prior=(0.5, 0.3, 0.2))
TAGGED = Labels("tags", classes=("new", "odd"), prior=(0.5, 0.2))


def task(kind, weights, name="t"):
    return kind(name=name, column="c", class_weights=weights)


def test_balanced_classes_weigh_the_same_in_sum_and_1_in_the_mean():
    found = label_weights(task(ClassTask, "balanced"), CLASSES)
    shares = [weight * share for weight, share in zip(found, CLASSES.prior, strict=True)]
    assert shares == pytest.approx([1 / 3] * 3)


def test_balanced_yes_and_no():
    assert label_weights(task(Binary, "balanced"), Labels("binary", prior=(0.1,))) == pytest.approx((1 / 1.8, 5.0))


def test_a_balanced_tags_presences_weigh_as_much_as_its_absences():
    assert label_weights(task(Tags, "balanced"), TAGGED) == pytest.approx((1.0, 4.0))


def test_a_label_of_a_handful_of_rows_does_not_rule():
    assert label_weights(task(Binary, "balanced"), Labels("binary", prior=(1e-7,)))[1] == MOST
    assert label_weights(task(Binary, "balanced"), Labels("binary", prior=(0.0,)))[1] == MOST


def test_named_weights_are_taken_as_they_are():
    assert label_weights(task(ClassTask, {"green": 4.0}), CLASSES) == (1.0, 1.0, 4.0)
    assert label_weights(task(Tags, {"odd": 2}), TAGGED) == (1.0, 2.0)
    assert label_weights(task(Binary, {"yes": 7}), Labels("binary", prior=(0.1,))) == (1.0, 7.0)


def test_nothing_is_weighed_unless_asked_for():
    assert label_weights(task(ClassTask, "none"), CLASSES) == ()
    assert label_weights(ClassTask(name="t", column="c"), CLASSES) == ()
    assert label_weights(Number(name="t", column="c"), Labels("number")) == ()


def test_an_unknown_label_is_answered_with_the_known_ones():
    with pytest.raises(ProjectError, match="Task 't': class_weights names 'gren'.*known: red, blue, green") as caught:
        label_weights(task(ClassTask, {"gren": 4.0}), CLASSES)
    assert "green" in caught.value.remedy
