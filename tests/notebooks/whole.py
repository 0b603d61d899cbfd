"""A whole notebook, executed with another model, and what must be true of all that it shows."""

import os
import re
from pathlib import Path

from nbclient import NotebookClient
from nbformat.notebooknode import NotebookNode

from config import ROOT
from grading.kernels import LocalKernelManager

OTHERS = re.compile(r"course-[a-z]+|none, a simulation|recorded", re.IGNORECASE)  # who else made a figure


def execute(notebook: NotebookNode, folder: Path, seconds: int, **environment: str) -> list[dict]:
    """Run it in `folder`, at most so many seconds a cell; what it shows and prints, as MIME bundles.

    Raises CellExecutionError for a cell that fails.
    """
    client = NotebookClient(
        notebook,
        timeout=seconds,
        kernel_manager_class=LocalKernelManager,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment})
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
