import pytest

from motet.stages.study import Study
from motet.testing.study import tiny_study


@pytest.fixture(scope="session")
def study() -> Study:
    return tiny_study()


@pytest.fixture(scope="session")
def windowed() -> Study:
    return tiny_study(windowed=True)
