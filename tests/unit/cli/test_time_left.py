import pytest

from motet.cli.time_left import Rate, TimeLeft


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_course_of_a_run() -> None:
    clock = Clock()
    left = TimeLeft(clock)
    assert left.seconds() is None and left.share == 0.0
    left.plan([("joint", 0), ("a", 0), ("joint", 1)], 10)
    assert left.seconds() is None
    left.begin("joint", 0)
    clock.now = 1.0
    left.reach(0.01)
    assert left.seconds() is None, "too soon to tell"
    clock.now = 2.0
    left.reach(0.5)
    # 4 seconds an epoch: 9.5 epochs of this arm, 10 of its other seed, and 10 of a twin that may need half as long
    assert left.seconds() == pytest.approx(4 * 19.5 + 2 * 10)
    clock.now = 8.0
    left.reach(2.0)
    left.end()
    assert left.total == 3 and left.share == pytest.approx(1 / 3)
    left.begin("a", 0)
    clock.now = 9.0
    left.reach(1.0)
    # the twin turns out quicker: 1 second an epoch, 9 to come; the second joint is as slow as the first
    assert left.seconds() == pytest.approx(9 * 1 + 10 * 4)
    assert left.share == pytest.approx(1.1 / 3)
    left.end()
    left.begin("joint", 1)
    left.end()
    assert left.seconds() == 0 and left.share == 1.0


def test_an_arm_that_goes_on_is_not_thought_quick() -> None:
    clock = Clock()
    left = TimeLeft(clock)
    left.plan([("joint", 0)], 10)
    left.begin("joint", 0)
    clock.now = 3.0
    left.reach(8.0, began_at=7.0)
    assert left.seconds() == pytest.approx(2 * 3.0)


def test_an_arm_that_was_not_planned_does_no_harm() -> None:
    left = TimeLeft(Clock())
    left.plan([], 5)
    left.begin("repair", 0)
    left.reach(1.0)
    left.end()
    assert left.share == 1.0


def test_a_rate_is_told_once_a_second_of_counting_lies_behind() -> None:
    clock = Clock()
    rate = Rate(clock)
    assert rate.reach("texts", 500, 2000) is None, "what a cache held counts neither way"
    clock.now = 0.5
    assert rate.reach("texts", 600, 2000) is None
    clock.now = 2.0
    assert rate.reach("texts", 900, 2000) == (200.0, 5.5)
    clock.now = 3.0
    assert rate.reach("queries", 10, 20) is None, "another thing begins anew"
    clock.now = 5.0
    assert rate.reach("queries", 20, 20) == (5.0, 0.0)
    assert rate.reach("queries", 5, 20) is None, "as does a second time"
