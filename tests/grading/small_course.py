"""A course of one small notebook for tests: two exercises, a live cell, a reflection question."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ASSIGNMENT = "small"
DOUBLE = '''def double(x):
    """Returns 2x."""
    ### BEGIN SOLUTION
    twice = x + x
    return twice
    ### END SOLUTION'''
DOUBLE_TESTS = """assert double(2) == 4
### BEGIN HIDDEN TESTS
for secret_number in range(-5, 5):
    assert double(secret_number) == 2 * secret_number
### END HIDDEN TESTS"""
TOTAL = '''def total(values):
    """Returns the sum of the doubled values."""
    ### BEGIN SOLUTION
    return sum(double(value) for value in values)
    ### END SOLUTION'''
TOTAL_TESTS = """import math
assert total([1, 2]) == 6
### BEGIN HIDDEN TESTS
assert math.isclose(total([0.5, 0.25]), 1.5)
assert total([]) == 0
### END HIDDEN TESTS"""


def graded(cell_id: str, **changes: object) -> dict:
    """nbgrader's metadata of a cell, schema version 3."""
    base = {"schema_version": 3, "grade_id": cell_id, "grade": False, "solution": False, "locked": False}
    return {"nbgrader": base | {"task": False} | changes}


def small_notebook() -> nbformat.NotebookNode:
    """The reference solution: 3 + 2 points for code, 4 by hand."""
    test, solution = {"grade": True, "locked": True}, {"solution": True}
    cells = [
        new_markdown_cell("# A small notebook", id="title"),
        new_code_cell(DOUBLE, id="double", metadata=graded("double", **solution)),
        new_code_cell(DOUBLE_TESTS, id="test-double", metadata=graded("test-double", points=3, **test)),
        new_code_cell("live = [double(x) for x in range(3)]\nprint(live)", id="live"),
        new_code_cell(TOTAL, id="total", metadata=graded("total", **solution)),
        new_code_cell(TOTAL_TESTS, id="test-total", metadata=graded("test-total", points=2, **test)),
        new_markdown_cell(
            "Doubling is cheap.", id="why", metadata=graded("why", points=4, grade=True, **solution)
        ),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def write_course(root: Path) -> Path:
    """Writes `root/solutions/small/small.ipynb`, with a picture beside it; returns `root`."""
    folder = root / "solutions" / ASSIGNMENT
    folder.mkdir(parents=True)
    nbformat.write(small_notebook(), folder / f"{ASSIGNMENT}.ipynb")
    (folder / "picture.svg").write_text("<svg/>")
    return root
