import pytest

from motet.errors import RequestError
from motet.serve.moments import milliseconds


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (None, None),
        (1_700_000_000, 1_700_000_000_000),
        (1_700_000_000_123, 1_700_000_000_123),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000),
        ("2023-11-14T22:13:20", 1_700_000_000_000),
        ("2023-11-14", 1_699_920_000_000),
    ],
)
def test_a_moment(moment: int | str | None, expected: int | None) -> None:
    assert milliseconds(moment) == expected


@pytest.mark.parametrize("moment", ["soon", "", "2023-13-01", "\ud800"])
def test_what_is_no_moment(moment: str) -> None:
    with pytest.raises(RequestError):
        milliseconds(moment)
