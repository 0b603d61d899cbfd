"""Every notebook with a real model that is weak, slow and careless about formats, SmolLM2: in this process,
and behind llama.cpp's server. `make real-test`; sizes are cut, so figures say little, and all must be made.
"""

import os
import re
from contextlib import nullcontext

import pytest
from nbclient import NotebookClient

from config import ROOT
from deploy.llama import running
from deploy.real import NAME
from grading.kernels import LocalKernelManager
from tests.notebooks.reading import SOLUTIONS, read

pytestmark = pytest.mark.real
MINUTES, MOST_TOKENS = 1, 96  # for a notebook, and for a reply
CELL = 1200  # seconds
OTHERS = re.compile(
    r"course-[a-z]+|none, a simulation|no model|Recorded|recorded"
)  # who else may have made a figure
ROOM = re.compile(r"\b(MAX_TOKENS = |max_tokens=)(\d+)")


@pytest.fixture(scope="module", params=["in process", "endpoint"])
def where(request):
    """The settings under which the model answers."""
    if request.param == "in process":
        server = nullcontext()
    else:
        server = running(threads=1 if os.environ.get("PYTEST_XDIST_WORKER") else None)
    with server as url:
        endpoint = {"ENDPOINT_BASE": url, "API_KEY": "none", "JUDGE_MODEL": NAME} if url else {}
        yield {"MODEL": NAME, **endpoint}


def shortened(notebook):
    """The same notebook with its smallest sizes."""
    for cell in notebook.cells:
        cell.source = cell.source.replace("MINUTES = None", f"MINUTES = {MINUTES}")
        cell.source = ROOM.sub(lambda found: found[1] + str(min(int(found[2]), MOST_TOKENS)), cell.source)
    return notebook


def outputs(notebook) -> list[dict]:
    """What was shown or printed, as MIME bundles."""
    return [
        output.get("data") or {"text/plain": output.get("text", "")}
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_it_runs_blames_nobody_and_names_the_model(where, path, tmp_path):
    notebook = shortened(read(path))
    own = {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    client = NotebookClient(
        notebook,
        timeout=CELL,
        kernel_manager_class=LocalKernelManager,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute(env={**os.environ, **own, **where})
    shown = outputs(notebook)
    blamed = [data["text/plain"] for data in shown if data.get("text/plain", "").startswith("✗ ")]
    assert not blamed, blamed
    alts = [alt for data in shown for alt in re.findall(r'<img alt="([^"]*)"', data.get("text/html", ""))]
    assert [alt for alt in alts if NAME not in alt and not OTHERS.search(alt)] == []
    said = " ".join(data.get("text/plain", "") for data in shown)
    assert NAME in said or path.stem.startswith("08"), "no output names the model"
