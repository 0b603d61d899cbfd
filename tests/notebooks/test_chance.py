"""No verdict depends on luck: each variant gets the same one fifty times, with the global random numbers set anew."""

import random
import signal
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from grading.pack import pack_notebook
from grading.skip import is_test, skippable
from grading.test_process import execute, prepare
from tests.notebooks.reading import SOLUTIONS, exercises, read
from tests.notebooks.test_notebooks import each_variant

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

TIMES = 50
LIMIT = 60  # seconds for a cell


@cache
def exam(path: Path) -> dict:
    """What the test process needs of the notebook."""
    return pack_notebook(path.read_text("utf-8"), "{}").exam


@contextmanager
def limited():
    """Ends what never ends."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(LIMIT)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run(source: str, namespace: dict) -> bool:
    """Whether the cell ends without an error."""
    with limited(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        return not [each for each in execute(source, namespace) if each["output_type"] == "error"]


def verdicts(path: Path, name: str, code: str, times: int) -> list[bool]:
    """Whether the exercise's tests pass, each time, on the solution notebook with `code` in the exercise's cell."""
    notebook, exercise = read(path), exercises(read(path))[name]
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == name:
            cell.source = code
    prepare(exam(path))
    names = {each for need in exam(path)["tests"].values() for each in need["remote"]}
    skipped, last = skippable(notebook, names), max(exercise.tests)
    namespace: dict = {"__name__": "__main__"}
    tests = []
    for place, cell in enumerate(notebook.cells[: last + 1]):
        if cell.cell_type != "code" or place in skipped:
            continue
        if place in exercise.tests:
            tests.append(cell.source)
        elif not is_test(cell):
            run(cell.source, namespace)
    found = []
    for seed in range(times):
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002  (what a learner may have drawn from)
        found.append(all([run(test, namespace) for test in tests]))
    return found


@pytest.mark.parametrize("path, name, right, code", each_variant())
def test_the_verdict_is_the_same_every_time(path, name, right, code):
    found = verdicts(path, name, code, TIMES)
    assert found == [right] * TIMES, f"{sum(found)} of {TIMES} passed:\n{code}"


def test_luck_would_be_seen():
    path = next(path for path in SOLUTIONS if path.stem.startswith("01"))
    lucky = "import random\ndef extract_final(text):\n    return random.choice(['14', None])"
    assert not any(verdicts(path, "ex3_extract_final", lucky, 5))
