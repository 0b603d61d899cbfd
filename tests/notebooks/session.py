"""A kernel that holds a solved notebook and in which other code for an exercise is tried and scored, fast.

A trial starts from the names as they were just before the exercise, runs the learner's code and then every
later cell that the tests need, hidden tests included, with nbgrader's own executor and rules for points. What
it leaves out: cells that only show something, and a fresh process; so what one trial changes inside an object
that existed before (a list, a module) is seen by the next. `control` tells when that happened.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import Execute, IgnorePattern
from nbgrader.utils import determine_grade

from grading.course import ROOT, settings
from tests.notebooks.reading import exercises, grade_id, is_test, needed

SAVE = "get_ipython().saved = getattr(get_ipython(), 'saved', {{}}) | {{{0}: dict(get_ipython().user_ns)}}"
RESTORE = "get_ipython().user_ns.clear() or get_ipython().user_ns.update(get_ipython().saved[{0}])"
LIMIT = 60  # seconds for a cell


class Session:
    """Made by `open_session`. Scores are points by the `grade_id` of the test cell."""

    def __init__(self, notebook: NotebookNode, client: Execute) -> None:
        self.notebook = notebook
        self.needed = needed(notebook)
        self.exercises = exercises(notebook)
        self._client = client
        self._starts = {exercise.cell for exercise in self.exercises.values()}
        self._reference = self._run(self.needed, {}, save=True)

    def control(self) -> dict[str, float]:
        """Scores of the reference solution, run once more: full marks, or a trial left something behind."""
        return self.score({})

    def score(self, code: dict[str, str]) -> dict[str, float]:
        """Scores with `code`, by `grade_id`, in place of some of the solution's cells."""
        changed = [self.exercises[name].cell for name in code] or sorted(self._starts)
        first = min(changed)
        self._client.kc.execute(RESTORE.format(first), silent=True)
        later = [i for i in self.needed if i >= first]
        return self._reference | self._run(sorted({*later, *changed}), code)

    def _run(self, cells: list[int], code: dict[str, str], save: bool = False) -> dict[str, float]:
        scores = {}
        for i in sorted({*cells, *(self._starts if save else ())}):
            if save and i in self._starts:
                self._client.kc.execute(SAVE.format(i), silent=True)
            cell = deepcopy(self.notebook.cells[i])
            cell.source = code.get(grade_id(cell), cell.source)
            self._client.nb.cells[i] = cell
            self._client.execute_cell(cell, i)
            if is_test(cell):
                IgnorePattern(config=self._client.config).preprocess_cell(cell, {}, i)
                scores[grade_id(cell)] = determine_grade(cell)[0]
        return scores


@contextmanager
def open_session(notebook: NotebookNode, folder: Path) -> Iterator[Session]:
    """A session on the solution `notebook`, with `folder` as working directory."""
    resources = {"metadata": {"path": str(folder)}}
    client = Execute(config=settings(ROOT), resources=resources, timeout=LIMIT)
    client.nb = deepcopy(notebook)
    with client.setup_kernel(env={**os.environ, "NBGRADER_EXECUTION": "autograde"}):
        yield Session(notebook, client)
