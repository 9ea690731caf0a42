import pytest

from motet.transfer.advise.halving import MARGIN, halve, rounds_of, units_in_all, weighted_relative
from motet.transfer.advise.kinds import kinds_of

NAMES = {name: f"what {name} is" for name in ("plain", "b", "c", "d", "e", "f")}


class Course:
    """Every rival's score after a unit is its slope times the units so far, on top of one."""

    def __init__(self, **slopes):
        self.slopes, self.asked = slopes, []

    def __call__(self, kind, units):
        self.asked.append((kind, units))
        return [{"a": 1 + self.slopes.get(kind, 0.0) * unit} for unit in range(1, units + 1)]


@pytest.mark.parametrize("rivals", range(1, 10))
def test_the_plain_one_stays_and_the_field_halves(rivals):
    rounds = rounds_of(rivals)
    counts = [many for many, _ in rounds]
    assert counts == sorted(counts, reverse=True) and (not counts or (counts[0] == rivals and counts[-1] == 2))
    spent, before = 0, 0
    for many, units in rounds:
        assert units > before
        spent, before = spent + many * (units - before), units
    assert spent == units_in_all(rivals)


def test_the_best_rival_wins_and_bad_ones_train_little():
    course, told = Course(d=0.02, b=0.01, c=-0.5), []
    found = halve(NAMES, course, {"a": 1.0}, on_round=lambda *each: told.append(each))
    assert found.kind == "d" and "what d is" in found.why and "12.0%" in found.why
    units = {trial.kind: trial.units for trial in found.trials}
    assert units["c"] == 1 and units["d"] == units["plain"] == 6
    assert [ahead for _, _, ahead in told] == [12, 6, 0] and told[0][0] == list(NAMES)


def test_the_plain_one_wins_where_none_is_clearly_better():
    found = halve(NAMES, Course(b=MARGIN / 12), {"a": 1.0})
    assert found.kind == "plain" and "no other" in found.why
    assert halve({"plain": "it"}, Course(), {"a": 1.0}).kind == "plain"


def test_a_rival_is_judged_by_its_best_snapshot():
    def course(kind, units):
        return [{"a": 2.0 if kind == "b" and unit == 0 else 1.0} for unit in range(units)]

    assert halve({"plain": "", "b": ""}, course, {"a": 1.0}).kind == "b"


def test_value_weighs_and_nothing_counts_beyond_its_whole():
    scores, reference = {"a": 1.1, "b": 0.8}, {"a": 1.0, "b": 1.0}
    assert weighted_relative(scores, reference, {"a": 1.0, "b": 1.0}) == pytest.approx(-0.05)
    assert weighted_relative(scores, reference, {"a": 3.0, "b": 1.0}) == pytest.approx(0.025)
    assert weighted_relative(scores, reference, {"a": 0.0, "b": 0.0}) == pytest.approx(-0.05)
    assert weighted_relative({"a": float("-inf")}, {"a": -0.4}, {}) == -1.0
    assert weighted_relative({"a": 5.0}, {"a": 0.0}, {}) == 1.0
    assert weighted_relative({"a": -0.3}, {"a": -0.4}, {}) == pytest.approx(0.25), "an error that fell by a quarter"


def test_a_choice_depends_on_value():
    def course(kind, units):
        return [{"a": 1.1, "b": 0.95} if kind == "other" else {"a": 1.0, "b": 1.0}] * units

    rivals = {"plain": "", "other": ""}
    assert halve(rivals, course, {"a": 1.0, "b": 1.0}).kind == "other"
    assert halve(rivals, course, {"a": 1.0, "b": 9.0}).kind == "plain"


def test_the_lists_begin_with_what_is_plain():
    assert next(iter(kinds_of("sharing"))) == "shared_bottom" and next(iter(kinds_of("balance"))) == "norm"
    assert all(said for section in ("sharing", "balance") for said in kinds_of(section).values())
