import pytest

pytest.register_assert_rewrite("motet.testing.contracts")
