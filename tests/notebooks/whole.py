"""A whole notebook, executed, and what must be true of all that it shows."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from nbclient import NotebookClient
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from config import ROOT
from grading.kernels import LocalKernelManager
from tests.notebooks.reading import SOLUTIONS

WITH_A_MODEL = [path for path in SOLUTIONS if not path.stem.startswith("08")]  # 08 trains its own
OTHERS = re.compile(r"course-[a-z]+|none, a simulation|recorded", re.IGNORECASE)  # who else made a figure


def execute(notebook: NotebookNode, folder: Path, seconds: int, **environment: str) -> list[dict]:
    """Run it in `folder`, at most so many seconds a cell; what it shows and prints, as MIME bundles.

    Raises CellExecutionError for a cell that fails.
    """
    _run(notebook, folder, seconds, {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment})
    return [
        output.get("data") or {"text/plain": output.get("text", "")}
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]


def complaints(shown: list[dict], name: str) -> list[str]:
    """Checks that blame the learner, and figures whose caption names no model, of a run with model `name`."""
    found = [data["text/plain"] for data in shown if data.get("text/plain", "").startswith("✗ ")]
    alts = [alt for data in shown for alt in re.findall(r'<img alt="([^"]*)"', data.get("text/html", ""))]
    found += [f"names no model: {alt}" for alt in alts if name not in alt and not OTHERS.search(alt)]
    if not any(name in data.get("text/plain", "") for data in shown):
        found.append(f"no output names {name}")
    return found


def untrue(notebook: NotebookNode, claims: Mapping[str, str], folder: Path, seconds: int = 1200) -> list[str]:
    """Of sentences and their conditions those whose condition is false in the kernel once all cells have run."""
    question = f"{{sentence: bool(eval(condition)) for sentence, condition in {dict(claims)!r}.items()}}"
    notebook.cells.append(new_code_cell(f"import json\nprint(json.dumps({question}))"))
    _run(notebook, folder, seconds, {})
    said = "".join(each.text for each in notebook.cells[-1].outputs if each.get("name") == "stdout")
    return [sentence for sentence, true in json.loads(said).items() if not true]


def _run(notebook: NotebookNode, folder: Path, seconds: int, environment: Mapping[str, str]) -> None:
    client = NotebookClient(
        notebook,
        timeout=seconds,
        kernel_manager_class=LocalKernelManager,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env={**os.environ, **environment})
