"""The notebooks of the site: what a learner gets, with the outputs that a solved one shows.

The solutions are executed, once for each state of the code; then every released cell takes the output of the
cell with its id. Sources come from the release alone, so they hold no solution and no hidden test.
"""

import hashlib
import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.notebooknode import NotebookNode

from grading.kernels import LocalKernelManager

SECONDS = 1800  # for one cell, on a busy machine
BARS = "application/vnd.jupyter.widget-view+json"  # progress; it needs a kernel to be drawn
OWN_SETTINGS = ("API_KEY", "ENDPOINT_BASE", "MODEL", "JUDGE_MODEL", "REWARD_MODEL")


def pages(root: Path, cache: Path) -> dict[str, NotebookNode]:
    """The notebooks under `root` by their path in it, such as `notebooks/a/a.ipynb`, with outputs.

    Execution takes minutes; its results are kept in `cache` until something that they depend on changes.
    """
    found = {}
    for path in sorted((root / "notebooks").glob("*/*.ipynb")):
        solution = root / "solutions" / path.parent.name / path.name
        found[path.relative_to(root).as_posix()] = with_outputs(_read(path), executed(solution, root, cache))
    return found


def executed(solution: Path, root: Path, cache: Path) -> NotebookNode:
    """The notebook at `solution`, run from top to bottom. Raises CellExecutionError where a cell fails."""
    kept = cache / f"{solution.stem}-{_state(solution, root)}.ipynb"
    if not kept.exists():
        print(f"executing {solution.name}", flush=True)
        notebook = _read(solution)
        environment = {name: value for name, value in os.environ.items() if name not in OWN_SETTINGS}
        place = {"metadata": {"path": str(solution.parent)}}
        client = NotebookClient(
            notebook,
            timeout=SECONDS,
            kernel_name="python3",
            kernel_manager_class=LocalKernelManager,
            resources=place,
        )
        client.execute(env=environment | {"PYTHONPATH": str(root)})
        cache.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, kept)
    return _read(kept)


def with_outputs(release: NotebookNode, solved: NotebookNode) -> NotebookNode:
    """The released cells with the outputs of the solved ones; graded cells and progress bars show none.

    A second title becomes a heading: the list of notebooks would have it as one more notebook.
    """
    outputs = {cell.id: cell.get("outputs", []) for cell in solved.cells}
    page = nbformat.from_dict(release)
    page.metadata.pop("widgets", None)
    for place, cell in enumerate(page.cells):
        if place and cell.cell_type == "markdown" and cell.source.startswith("# "):
            cell.source = f"#{cell.source}"
        if cell.cell_type == "code":
            graded = "nbgrader" in cell.metadata
            cell.outputs = [] if graded else [o for o in outputs.get(cell.id, []) if _shown(o)]
    return page


def _shown(output: NotebookNode) -> bool:
    return BARS not in output.get("data", {}) and output.get("name") != "stderr"


def _state(solution: Path, root: Path) -> str:
    """A name for all that the outputs depend on: the notebook, the code, the models and recorded samples."""
    digest = hashlib.sha256(solution.read_bytes())
    for path in sorted([*(root / "helpers").rglob("*.py"), root / "config.py"]):
        digest.update(path.read_bytes())
    for path in sorted((root / "prebuilt").rglob("*")):
        if path.is_file() and path.suffix not in (".md", ".png"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)
