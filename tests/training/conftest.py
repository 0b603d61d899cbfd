"""What all tests of trainings share."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def uncompiled():
    """Compiling takes longer than these trainings do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPILE", "0")
        yield
