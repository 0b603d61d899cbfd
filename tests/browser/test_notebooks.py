"""Every solved notebook, run from top to bottom in JupyterLab in a real browser.

Screenshots stay for a look.
"""

import shutil
from pathlib import Path

import pytest

from config import ROOT
from tests.browser import lab

SCREENSHOTS = Path(__file__).parent / "screenshots"
SOLUTIONS = sorted(path.relative_to(ROOT / "solutions") for path in (ROOT / "solutions").glob("*/*.ipynb"))
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a JupyterLab on a copy of the solutions."""
    scratch = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "solutions", scratch / "course")
    with lab.jupyterlab(scratch / "course", scratch) as address:
        yield address


@pytest.mark.parametrize("notebook", SOLUTIONS, ids=lambda path: path.stem)
def test_the_solved_notebook_runs_without_an_error(browser, address, notebook):
    cells = lab.run_notebook(browser, address.format(notebook))
    assert lab.photograph(browser, SCREENSHOTS / notebook.stem)
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    errors = [output for cell in code for output in cell["outputs"] if output["output_type"] == "error"]
    assert not errors, errors[0]["ename"] + ": " + errors[0]["evalue"]
    assert code and all(cell["execution_count"] for cell in code if cell["source"])
