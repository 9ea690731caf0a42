import pytest

from motet.errors import ProjectError
from motet.schema import AugmentConfig


def test_all_is_off_unless_said() -> None:
    assert not AugmentConfig().on
    assert all(AugmentConfig(**{key: 0.5}).on for key in AugmentConfig.model_fields)


@pytest.mark.parametrize("key", ["crop", "mask", "reorder", "replace", "words", "text"])
def test_a_share_is_at_most_one(key: str) -> None:
    with pytest.raises(ProjectError):
        AugmentConfig(**{key: 1.5})
