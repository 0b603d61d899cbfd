import sys
from functools import cache

import pytest
from hypothesis import settings

# A busy machine is no fault of the code, and the same code gets the same verdict each time.
settings.register_profile("no luck", deadline=None, derandomize=True)
settings.load_profile("no luck")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from tests.scheduling import ByFile

    return ByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def quick_gradebooks():
    """For each gradebook it makes nbgrader asks a program, for seconds, which schema is newest. Here once."""
    if api := sys.modules.get("nbgrader.api"):
        api.get_alembic_version = cache(api.get_alembic_version)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A headless Chromium, for the tests that ask for one."""
    from tests.browser import lab

    with lab.chromium(tmp_path_factory.mktemp("browser")) as browser:
        yield browser
