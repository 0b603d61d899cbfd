"""The reference solution as a module, made from the solution notebook itself: there is no second copy to
drift.

A hidden test writes `import reference` and compares with `reference.some_function(...)`. While `grading`
grades, the module exists in the test process alone. For plain nbgrader, `on_path` puts it on the path
of the kernels that are started meanwhile, where learners' code can reach it too.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_solution

from grading.slicing import bound_names, slice_for, statements

HEAD = '"""The instructor\'s solution; made from {name} while grading, and gone afterwards."""\n\n'


def learner_names(notebook: NotebookNode) -> set[str]:
    """Names that a learner's cells of the notebook bind."""
    return bound_names(c.source for c in notebook.cells if _code(c) and is_solution(c) and not is_grade(c))


def statements_for_reference(notebook: NotebookNode) -> list[str]:
    """Sources of the statements that define what the learner writes, with what they need, in order."""
    pool = [each for c in notebook.cells if _code(c) and not _test(c) for each in statements(c.source)]
    return [each.source for each in slice_for(learner_names(notebook), pool)[2]]


@contextmanager
def on_path(notebook: Path) -> Iterator[Path]:
    """While it lasts, kernels that start can `import reference`; yields the folder it lies in."""
    solution = nbformat.read(notebook, as_version=4)
    with tempfile.TemporaryDirectory(prefix="reference-") as folder:
        text = HEAD.format(name=notebook.name) + "\n\n".join(statements_for_reference(solution)) + "\n"
        (Path(folder) / "reference.py").write_text(text, "utf-8")
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [folder, before]))
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ["PYTHONPATH"]
            else:
                os.environ["PYTHONPATH"] = before


def _code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code"


def _test(cell: NotebookNode) -> bool:
    return is_grade(cell) and not is_solution(cell)
