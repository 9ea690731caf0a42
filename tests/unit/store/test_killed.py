"""What a killed process had acknowledged is held."""

from ._kills import drill


def test_nothing_acknowledged_is_lost(tmp_path):
    found = drill(str(tmp_path / "shop.db"), 3)
    assert found.lost == 0 and found.acknowledged > 0 and found.kills > 0


def test_the_drill_finds_one_who_acknowledges_too_early(tmp_path):
    # a kill may fall just behind a commit, when nothing is on its way
    assert any(drill(str(tmp_path / f"shop{seed}.db"), 1, early=True, seed=seed).lost > 0 for seed in range(20))


def test_nothing_acknowledged_is_lost_in_postgres(postgres_url):
    assert drill(postgres_url, 2).lost == 0
