import pytest

from tests.helpers.tiny import tiny


@pytest.fixture(autouse=True)
def models_that_have_read_nothing():
    """A model keeps what it has read of prompts, and the last digit of a log-probability depends on that."""
    tiny.cache_clear()
