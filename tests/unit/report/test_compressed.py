from motet.report.compressed import compressed
from motet.report.saved import Saved
from motet.report.words import words

TASK = {"metric": "auc", "original": 0.8, "compressed": 0.79, "difference": -0.01, "low": -0.02, "high": 0.0}
PACE = {"list_ms": 2.0, "lists": 400.0, "answer_ms": None, "answers": None, "encoded": None}
MADE = {
    "methods": ["int8"],
    "bytes": 250,
    "pace": PACE,
    "before": {**PACE, "list_ms": 4.0},
    "tasks": {"buy": {**TASK, "verdict": "not worse"}},
    "left_out": "",
}


def test_every_form_and_the_tasks_of_the_chosen_one_are_shown():
    told = {"goal": "size", "chosen": "int8", "original_bytes": 1000, "candidates": [MADE]}
    for language in ("en", "zh"):
        page = str(compressed(Saved("m", compressed=told), words(language)))
        assert "int8" in page and "250" in page and "25" in page and "buy" in page and "auc" in page
        assert page.count("<table") == 2


def test_the_certificate_on_test_questions_goes_before_what_validation_chose():
    sure = {**TASK, "verdict": "not worse", "original": 0.6543}
    told = {"goal": "size", "chosen": "int8", "original_bytes": 250, "original_encoder_bytes": 750}
    page = str(
        compressed(Saved("m", compressed={**told, "candidates": [MADE], "certificate": {"buy": sure}}), words("en"))
    )
    assert "0.6543" in page and "750" in page and "25.0" in page


def test_a_model_that_was_not_compressed_has_no_section():
    assert compressed(Saved("m"), words("en")) is None
    left = {"goal": "size", "chosen": None, "original_bytes": 1, "candidates": [{**MADE, "left_out": "no"}]}
    assert compressed(Saved("m", compressed=left), words("en")) is None
