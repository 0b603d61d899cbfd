"""A kernel that holds a solved notebook and in which other code for an exercise is tried and scored, fast.

A trial starts from the names as they were just before the exercise and runs the learner's code; then every later
cell, hidden tests included, that uses a name which the trial may have changed, directly or not. Executor and rules for
points are nbgrader's own. What it leaves out: cells that only show something, cells that the trial cannot touch (their
names are taken from the reference run), and a fresh process; so what one trial changes inside an object that
existed before (a list, a module) is seen by the next. `control` tells when that happened.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import pairwise
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import IgnorePattern
from nbgrader.utils import determine_grade

from config import ROOT
from grading.course import settings
from grading.kernels import LocalExecute
from tests.notebooks.reading import changes, exercises, grade_id, is_test, needed, uses

SAVE = "get_ipython().saved = getattr(get_ipython(), 'saved', {{}}) | {{{0}: dict(get_ipython().user_ns)}}"
RESTORE = "get_ipython().user_ns.clear() or get_ipython().user_ns.update(get_ipython().saved[{0}])"
ADOPT = """(lambda shell: shell.user_ns.update(
    {{name: shell.saved[{0}][name] for name in {1} if name in shell.saved[{0}]}}))(get_ipython())"""
LIMIT = 60  # seconds for a cell


class Session:
    """Made by `open_session`. Scores are points by the `grade_id` of the test cell."""

    def __init__(self, notebook: NotebookNode, client: LocalExecute) -> None:
        self.notebook = notebook
        self.exercises = exercises(notebook)
        self._client = client
        self._starts = {exercise.cell for exercise in self.exercises.values()}
        self._cells = sorted({*needed(notebook), *self._starts})
        self._reference: dict[str, float] = {}
        self._told: list[str] = []
        for i in self._cells:
            self._tell(SAVE.format(i))
            self._reference |= self._run(i, self._source(i))
        self._tell(SAVE.format(len(notebook.cells)))

    def control(self) -> dict[str, float]:
        """Scores of the reference solution, run once more: full marks, or a trial left something behind."""
        return self.score({})

    def score(self, code: dict[str, str]) -> dict[str, float]:
        """Scores with `code`, by `grade_id`, in place of some of the solution's cells."""
        tried = {self.exercises[name].cell for name in code} or self._starts
        scores = dict(self._reference)
        touched: set[str] = set()
        self._tell(RESTORE.format(min(tried)))
        for i, after in pairwise([*self._cells, len(self.notebook.cells)]):
            own = changes(self._source(i))
            if i < min(tried):
                continue
            if i in tried or uses(self._source(i)) & touched:
                source = code.get(grade_id(self.notebook.cells[i]), self._source(i))
                scores |= self._run(i, source)
                touched |= own | changes(source)
            else:
                self._tell(ADOPT.format(after, sorted(own)))
                touched -= own
        return scores

    def _source(self, i: int) -> str:
        return self.notebook.cells[i].source

    def _tell(self, statement: str) -> None:
        self._told.append(statement)

    def _run(self, i: int, source: str) -> dict[str, float]:
        """Executes what was told and a cell with other source; returns its score if it is a test."""
        if self._told:
            self._client.kc.execute("\n".join(self._told), silent=True)
            self._told.clear()
        cell = deepcopy(self.notebook.cells[i])
        cell.source = source
        self._client.nb.cells[i] = cell
        self._client.execute_cell(cell, i)
        if not is_test(cell):
            return {}
        IgnorePattern(config=self._client.config).preprocess_cell(cell, {}, i)
        return {grade_id(cell): determine_grade(cell)[0]}


@contextmanager
def open_session(notebook: NotebookNode, folder: Path) -> Iterator[Session]:
    """A session on the solution `notebook`, with `folder` as working directory."""
    resources = {"metadata": {"path": str(folder)}}
    client = LocalExecute(
        config=settings(ROOT), resources=resources, timeout=LIMIT, shutdown_kernel="immediate"
    )
    client.nb = deepcopy(notebook)
    with client.setup_kernel(env={**os.environ, "NBGRADER_EXECUTION": "autograde"}):
        yield Session(notebook, client)
