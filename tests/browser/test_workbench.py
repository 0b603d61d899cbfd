"""A workbench as OpenShift AI gives it: a clone, `pip install -r requirements.txt` and nothing else, `jupyter
lab`.

No make, no maintainer's packages, the server started in another folder. Installs for minutes, from the
network.
"""

import shutil
import subprocess
import sys

import pytest

from config import ROOT
from tests.browser import lab

NOTEBOOKS = sorted(path.relative_to(ROOT / "solutions") for path in (ROOT / "solutions").glob("*/*.ipynb"))
pytestmark = pytest.mark.workbench


@pytest.fixture(scope="module")
def workbench(tmp_path_factory):
    """The clone and its Python; the solved notebooks stand in the place of the learners'."""
    clone = tmp_path_factory.mktemp("workbench") / "inference-scaling-workshop"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{ROOT}", clone], check=True)
    subprocess.run([sys.executable, "-m", "venv", clone.parent / "python"], check=True)
    python = clone.parent / "python/bin/python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "-r", "requirements.txt"], cwd=clone, check=True)
    shutil.copytree(ROOT / "solutions", clone / "notebooks", dirs_exist_ok=True)
    return clone, python


@pytest.fixture(scope="module")
def address(workbench, tmp_path_factory):
    with lab.jupyterlab(workbench[0] / "notebooks", tmp_path_factory.mktemp("lab"), workbench[1]) as address:
        yield address


def test_only_what_a_user_installs_is_there(workbench):
    listed = subprocess.run([workbench[1], "-m", "pip", "list"], capture_output=True, text=True, check=True)
    names = {line.split()[0] for line in listed.stdout.splitlines()}
    assert "its_hub" in names and not names & {"pytest", "selenium", "ruff", "jupyterhub"}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs_on_a_workbench(browser, address, notebook):
    cells = lab.run_notebook(browser, address.format(notebook))
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    errors = [output for output in outputs if output["output_type"] == "error"]
    assert not errors, errors[0]["ename"] + ": " + errors[0]["evalue"]
    assert not [output["text"] for output in outputs if output.get("name") == "stderr"]
