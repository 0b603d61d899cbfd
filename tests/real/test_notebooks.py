"""Every notebook with a real model that is weak, slow and careless about formats, SmolLM2: in this process,
and behind llama.cpp's server. `make real-test`; sizes are cut, so figures say little, and all must be made.
"""

import os
import re
from contextlib import nullcontext

import pytest

from deploy.llama import running
from deploy.real import NAME
from tests.notebooks.reading import read
from tests.notebooks.whole import WITH_A_MODEL, complaints, execute

pytestmark = pytest.mark.real
MINUTES, MOST_TOKENS = 0.5, 48  # for a notebook, and for a reply
# more, where a check of the notebook wants it
ROOM_FOR_CHECKS = dict.fromkeys(("01_cot_vs_baseline", "03_tree_of_thought", "06_self_correction"), 128)
CELL = 1200  # seconds
ROOM = re.compile(r"\b(MAX_TOKENS = |max_tokens=)(\d+)")


@pytest.fixture(scope="module", params=["endpoint", "in process"])
def where(request):
    """The settings under which the model answers; the slower place first, so that none is late."""
    if request.param == "in process":
        server = nullcontext()
    else:
        server = running(threads=1 if os.environ.get("PYTEST_XDIST_WORKER") else None)
    with server as url:
        endpoint = {"ENDPOINT_BASE": url, "API_KEY": "none", "JUDGE_MODEL": NAME} if url else {}
        yield {"MODEL": NAME, **endpoint}


def shortened(notebook, name):
    """The notebook of this name with its smallest sizes, and without the tests of its exercises: they ask for
    room for long replies, and a scripted model answers in them.
    """
    most = ROOM_FOR_CHECKS.get(name, MOST_TOKENS)
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("grade")]
    for cell in notebook.cells:
        cell.source = cell.source.replace("MINUTES = None", f"MINUTES = {MINUTES}")
        cell.source = ROOM.sub(lambda found: found[1] + str(min(int(found[2]), most)), cell.source)
    return notebook


@pytest.mark.parametrize("path", WITH_A_MODEL, ids=lambda path: path.stem)
def test_it_runs_blames_nobody_and_names_the_model(where, path, tmp_path):
    shown = execute(
        shortened(read(path), path.stem), path.parent, CELL, XDG_CACHE_HOME=str(tmp_path), **where
    )
    assert complaints(shown, NAME) == []
