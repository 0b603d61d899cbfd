"""`python -m deploy.colab OWNER/REPO FOLDER`: the notebooks, each with a first cell that fetches the course.

Colab opens one notebook and nothing beside it. The cell clones the repository, installs what is missing and
goes to the notebook's folder; where `helpers` can be imported already it does nothing.
"""

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Colab's own interface: another version of these breaks the page that the learner works in.
KEPT = {"jupyterlab", "notebook", "ipykernel", "ipython", "ipywidgets", "jupyter_client", "pyzmq", "nbclient"}
KEPT |= {"nbconvert", "nbformat", "traitlets", "nbgrader", "sqlalchemy"}

SETUP = """\
# Fetches the course where it is not there yet, as on Colab. Elsewhere this cell does nothing.
import importlib.util
import os
import subprocess
import sys

if importlib.util.find_spec("helpers") is None:
    course = os.path.abspath("workshop")
    if not os.path.exists(course):
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", "{address}", course], check=True)
    sys.path.insert(0, course)
    from deploy.colab import install

    install()
    os.chdir(os.path.join(course, "notebooks", "{assignment}"))
"""


def setup_cell(address: str, assignment: str) -> str:
    """The source of the first cell; `address` is what `git clone` takes."""
    return SETUP.format(address=address, assignment=assignment)


def install(requirements: Path = ROOT / "requirements.txt") -> None:
    """Install what `missing` names, with pip, into the running Python."""
    if wanted := missing(requirements.read_text(encoding="utf-8")):
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *wanted], check=True)


def missing(requirements: str) -> list[str]:
    """The pinned packages that are absent or of another major version; Colab's interface is left alone."""
    pins = re.findall(r"^([\w.-]+)(\[\w+\])?==(\S+)", requirements, re.MULTILINE)
    return [
        f"{name}{extra}=={pin}"
        for name, extra, pin in pins
        if name.lower() not in KEPT and _major(name) != pin.split(".")[0]
    ]


def _major(name: str) -> str:
    try:
        return version(name).split(".")[0]
    except PackageNotFoundError:
        return ""


def write(address: str, folder: Path, notebooks: Path = ROOT / "notebooks") -> list[Path]:
    """Write every notebook below `notebooks` into `folder` with the first cell; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for path in sorted(notebooks.glob("*/*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        source = setup_cell(address, path.parent.name)
        cell = {
            "cell_type": "code",
            "id": "fetch-course",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
        }
        notebook["cells"].insert(0, cell | {"source": source.splitlines(keepends=True)})
        target = folder / path.name
        target.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        written.append(target)
    return written


if __name__ == "__main__":
    repository, folder = sys.argv[1:]
    for path in write(f"https://github.com/{repository}", Path(folder)):
        print(path)
