"""The leakage guard over examples: no history holds its own answer, and nobody trains on what another holds out."""

from dataclasses import replace

from motet.data.guards import assert_history_is_past, assert_no_training_on_held_out, check_relations
from motet.stages.study import Study


def guard(study: Study) -> None:
    """Raise LeakageError where a study could learn from what it is judged on."""
    for examples in study.examples.values():
        assert_history_is_past(examples, study.division)
        if examples.other_n is not None:
            second = replace(examples, user_n=examples.other_n, cut_n=examples.other_cut_n)
            assert_history_is_past(second, study.division)
    assert_no_training_on_held_out(study.examples, study.division)
    check_relations(study.division)
