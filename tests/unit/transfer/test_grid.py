from motet.transfer.grid import grid


def test_rows_are_aligned_by_cells() -> None:
    lines = grid(("name", "n"), [["苹果", "1"], ["bread", "20"]], right=(1,)).splitlines()
    assert lines == ["name    n", "苹果    1", "bread  20"]
