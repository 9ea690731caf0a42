import numpy as np
import polars as pl
import pytest

from motet.errors import ProjectError
from motet.schema import TRAIN, Binary, Masked
from motet.tasks.make import examples_of
from motet.tasks.masked import MaskedKind

from ._tiny import divided

ROWS = pl.DataFrame(
    {
        "title": ["Lovely dress", "Awful dress", None, "Lovely top"] * 40,
        "body": [f"words {at % 7}" for at in range(160)],
        "shop": ["north", "south"] * 80,
        "happy": [True, False] * 80,
    }
)
COLUMNS = {"title": "text", "body": "text", "shop": "category", "happy": "flag"}
HAPPY = Binary(name="happy", table="reviews", column="happy")


def division(*tasks):
    return divided({"reviews": {"rows": ROWS, "columns": COLUMNS}}, [HAPPY, *tasks])


def test_a_text_is_told_by_its_frequent_words_and_only_training_rows_are_asked():
    task = Masked(table="reviews", column="title")
    found = MaskedKind().examples(division(task).project.tasks["masked"], division(task))
    assert found.output == "tags" and found.hidden == "title" and (found.part_n == TRAIN).all()
    held = division(task).task_parts["happy"] != TRAIN
    assert not held[found.row_n].any()
    words = {word for label in found.label.to_list() for word in label}
    assert words == {"lovely", "awful", "dress", "top"}
    assert all(ROWS["title"][int(row)] is not None for row in found.row_n)


def test_a_share_of_the_rows_is_the_same_in_every_run():
    few = Masked(table="reviews", column="title", share=0.5)
    sizes = [len(examples_of(few, division(few))) for _ in range(2)]
    whole = len(examples_of(few.model_copy(update={"share": 1.0}), division(few)))
    assert sizes[0] == sizes[1] and 0.3 < sizes[0] / whole < 0.7


def test_what_is_not_shown_cannot_be_masked():
    task = Masked(table="reviews", column="shop")
    with pytest.raises(ProjectError, match="does not show"):
        MaskedKind().examples(task, division(task))
    shown = Masked(table="reviews", column="shop", inputs=("shop",))
    found = MaskedKind().examples(shown, division(shown))
    assert found.output == "class" and set(found.label) == {"north", "south"}


def test_a_masked_column_stays_an_input_and_holds_nothing_out():
    task = Masked(table="reviews", column="title")
    made = division(task)
    assert made.inputs["reviews"]["title"].equals(ROWS["title"])
    assert made.project.label_columns("reviews") == {"happy"}
    assert np.array_equal(made.task_parts["happy"], division().task_parts["happy"])
