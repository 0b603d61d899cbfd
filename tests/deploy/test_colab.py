"""The first cell of a Colab notebook, run as a script in a Python that does not know the course."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from config import ROOT
from deploy.colab import missing, setup_cell, write

GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    """A repository that can be cloned, with the files of this one that a notebook needs first."""
    folder = tmp_path_factory.mktemp("origin")
    for name in ("helpers", "deploy", "notebooks"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
        )
    shutil.copytree(ROOT / "prebuilt/problems", folder / "prebuilt/problems")
    for name in ("config.py", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "course"]):
        subprocess.run([*GIT, *command], cwd=folder, check=True)
    return folder.as_uri()


def run(code: str, folder: Path) -> subprocess.CompletedProcess:
    """Run code in a Python that has the packages of this environment, but not the course."""
    python = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env = kept | {"PYTHONPATH": sysconfig.get_path("purelib"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([python, "-c", code], cwd=folder, env=env, capture_output=True, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="looks for the base Python where Unix keeps it")
def test_the_first_cell_makes_the_course_importable_and_is_idle_where_it_is(address, tmp_path):
    use = "\nfrom helpers.problems import seed_problems\nimport os\nprint(len(seed_problems()), os.getcwd())"
    assert "ModuleNotFoundError" in run(use, tmp_path).stderr  # so the cell has something to do
    cell = setup_cell(address, "01_cot_vs_baseline")
    found = run(cell + use, tmp_path)
    assert found.returncode == 0, found.stderr
    assert found.stdout.split() == ["4", str(tmp_path / "workshop/notebooks/01_cot_vs_baseline")]
    again = run(cell + use, tmp_path)  # the clone is there
    assert again.returncode == 0, again.stderr
    idle = run(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{cell}\nimport os; print(os.getcwd())", tmp_path
    )
    assert idle.stdout.strip() == str(tmp_path)


def test_only_what_is_missing_is_installed():
    pins = "-e .\n# text\njupyterlab==1.0\nnumpy==99.1\nno-such-package[lm]==1.2.0\npytest==9.0.0\n"
    assert missing(pins) == ["numpy==99.1", "no-such-package[lm]==1.2.0"]
    assert missing((ROOT / "requirements.txt").read_text()) == []


def test_every_notebook_gets_the_cell_and_keeps_the_rest(tmp_path):
    written = write("https://example.org/x.git", tmp_path / "out")
    assert len(written) == len(list((ROOT / "notebooks").glob("*/*.ipynb")))
    for path in written:
        first, *rest = json.loads(path.read_text())["cells"]
        assert "https://example.org/x.git" in "".join(first["source"])
        assert rest == json.loads((ROOT / "notebooks" / path.stem / path.name).read_text())["cells"]
