import pytest
from hypothesis import settings

settings.register_profile("no clock", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("no clock")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A headless Chromium, for the tests that ask for one."""
    from tests.browser import lab

    with lab.chromium(tmp_path_factory.mktemp("browser")) as browser:
        yield browser
