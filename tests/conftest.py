import pytest
from hypothesis import settings

settings.register_profile("no clock", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("no clock")


def pytest_collection_modifyitems(items):
    """For `-n`: a file stays in one process, since its tests share what they set up; of the notebooks' tests,
    a notebook.
    """
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        notebook = getattr(parameters.get("path"), "stem", "") if item.path.stem == "test_notebooks" else ""
        item.add_marker(pytest.mark.xdist_group(f"{item.path}{notebook}"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A headless Chromium, for the tests that ask for one."""
    from tests.browser import lab

    with lab.chromium(tmp_path_factory.mktemp("browser")) as browser:
        yield browser
