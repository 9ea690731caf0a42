import numpy as np
import pytest

from motet.features.history import NUM_GAPS, gap_bucket, gaps_within

SECOND, HOUR, DAY = 1_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("milliseconds", "bucket"),
    [
        (-1, 0),
        (0, 1),
        (999, 1),
        (SECOND, 2),
        (3 * SECOND, 3),
        (HOUR, 1 + 11),  # log2(3601) is 11.8
        (DAY, 1 + 16),  # log2(86401) is 16.4
        (2**62, NUM_GAPS - 1),
    ],
)
def test_elapsed_time_falls_into_powers_of_two_of_seconds(milliseconds, bucket):
    assert gap_bucket(np.array([milliseconds])).tolist() == [bucket]


def test_longer_never_falls_into_an_earlier_bucket():
    elapsed = np.sort(np.random.default_rng(0).integers(0, 10**12, 500))
    bucket = gap_bucket(elapsed)
    assert (np.diff(bucket) >= 0).all() and bucket.min() >= 1 and bucket.max() < NUM_GAPS


def test_a_users_first_event_has_no_gap_and_users_do_not_mix():
    time = np.array([0, DAY, 9 * DAY, 9 * DAY, 9 * DAY + HOUR])
    starts = np.array([0, 2, 2, 5])  # the second user has no event
    assert gaps_within(time, starts).tolist() == [0, 17, 0, 1, 12]


def test_no_events_have_no_gaps():
    assert gaps_within(np.zeros(0, np.int64), np.zeros(4, np.int64)).tolist() == []
