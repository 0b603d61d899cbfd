import pytest


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A headless Chromium, for the tests that ask for one."""
    from tests.browser import lab

    with lab.chromium(tmp_path_factory.mktemp("browser")) as browser:
        yield browser
