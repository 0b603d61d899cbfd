"""A course for the batch grader's tests: three exercises and one written answer.

`test-double` and `test-solve` compare with the reference; `test-scaled` sets a variable that the learner's
function reads.
"""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.grading_process import GradingProcess
from grading.pack import Pack
from grading.submissions import Submission
from tests.grading.small_course import graded

ASSIGNMENT = "tiny"
SECRET = "hidden_quokka_7"  # stands in every hidden test, and nowhere else
FULL = {"test-double": 3.0, "test-solve": 2.0, "test-scaled": 2.0}

# As a notebook that serves a model to itself.
SERVES = """import socket, threading
server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=lambda: server.accept()[0].sendall(b"served"), daemon=True).start()
print(socket.create_connection(server.getsockname(), 5).recv(9))"""
IMPORTS = """from helpers.answers import answers_match
factor = 1"""
DOUBLE = '''def double(x):
    """Returns 2x."""
    ### BEGIN SOLUTION
    return x + x
    ### END SOLUTION'''
DOUBLE_TESTS = """assert double(2) == 4
### BEGIN HIDDEN TESTS
import reference
for hidden_quokka_7 in (-5, 0, 0.5, "ab", [1]):
    assert double(hidden_quokka_7) == reference.double(hidden_quokka_7), "double(x) is not x + x for some x"
### END HIDDEN TESTS"""
SOLVE = '''def solve(question):
    """Returns the sum of the numbers in the question, as text."""
    ### BEGIN SOLUTION
    return str(sum(int(word) for word in question.split() if word.isdigit()))
    ### END SOLUTION'''
SOLVE_TESTS = """assert answers_match(solve("2 and 3"), "5")
### BEGIN HIDDEN TESTS
hidden_quokka_7 = ["1 and 2 and 3", "none", "40 plus 2"]
for question in hidden_quokka_7:
    assert answers_match(solve(question), reference.solve(question))
### END HIDDEN TESTS"""
SOLVE_TESTS = SOLVE_TESTS.replace("hidden_quokka_7 = [", "import reference\nhidden_quokka_7 = [")
SCALED = '''def scaled(x):
    """Returns x times the global factor."""
    ### BEGIN SOLUTION
    return x * factor
    ### END SOLUTION'''
SCALED_TESTS = """assert scaled(2) == 2
### BEGIN HIDDEN TESTS
factor = 3
hidden_quokka_7 = [scaled(2), scaled(5)]
assert hidden_quokka_7 == [6, 15]
factor = 1
### END HIDDEN TESTS"""

RUBRIC = "2 points for a reason that holds"
QUESTION = f"""Why double?
=== BEGIN MARK SCHEME ===
{RUBRIC}
=== END MARK SCHEME ==="""


def notebook() -> nbformat.NotebookNode:
    """The reference solution: 3 + 2 + 2 points for code, 4 + 2 by hand. Cells: see PLACE."""
    test, solution = {"grade": True, "locked": True}, {"solution": True}
    cells = [
        new_markdown_cell("# Tiny", id="title"),
        new_code_cell(IMPORTS, id="imports", metadata=graded("imports", locked=True)),
        new_code_cell(DOUBLE, id="double", metadata=graded("double", **solution)),
        new_code_cell(DOUBLE_TESTS, id="test-double", metadata=graded("test-double", points=3, **test)),
        new_code_cell(SOLVE, id="solve", metadata=graded("solve", **solution)),
        new_code_cell(SOLVE_TESTS, id="test-solve", metadata=graded("test-solve", points=2, **test)),
        new_code_cell(SCALED, id="scaled", metadata=graded("scaled", **solution)),
        new_code_cell(SCALED_TESTS, id="test-scaled", metadata=graded("test-scaled", points=2, **test)),
        new_markdown_cell("### BEGIN SOLUTION\nBecause.\n### END SOLUTION", id="why",
                          metadata=graded("why", points=4, grade=True, **solution)),
        new_code_cell("print(double(4))", id="live"),
        new_markdown_cell(QUESTION, id="ask", metadata=graded("ask", points=2, locked=True, task=True)),
        new_markdown_cell("*Your answer:*", id="answer"),
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


PLACE = {cell.id: place for place, cell in enumerate(notebook().cells)}


def write_course(root: Path) -> Path:
    """Writes `root/solutions/tiny/tiny.ipynb` with a file beside it; returns `root`."""
    folder = root / "solutions" / ASSIGNMENT
    folder.mkdir(parents=True)
    nbformat.write(notebook(), folder / f"{ASSIGNMENT}.ipynb")
    (folder / "data.txt").write_text("given")
    return root


def submission(content: nbformat.NotebookNode | bytes | dict, student: str = "s01") -> Submission:
    """`content` handed in: a notebook, the bytes of one, or files by name."""
    if isinstance(content, nbformat.NotebookNode):
        content = nbformat.writes(content).encode()
    files = content if isinstance(content, dict) else {f"{ASSIGNMENT}.ipynb": content}
    return Submission(student, {name: b64encode(data).decode() for name, data in files.items()})


def submit(root: Path, student: str, content: nbformat.NotebookNode | bytes) -> Path:
    """Puts it into `submitted/`; returns the folder."""
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else nbformat.writes(content).encode()
    (folder / f"{ASSIGNMENT}.ipynb").write_bytes(data)
    return folder


@contextmanager
def lent(grader: GradingProcess, other: Pack, own: Pack) -> Iterator[GradingProcess]:
    """The warm grader with another pack; it gets its own back."""
    grader.take(other)
    try:
        yield grader
    finally:
        grader.take(own)


def printed(result, cell: str) -> str:
    """What the cell printed, of a graded submission."""
    outputs = nbformat.reads(result.notebooks[ASSIGNMENT], as_version=4).cells[PLACE[cell]].outputs
    return "".join(each.text for each in outputs if each.output_type == "stream")


def points(result) -> dict[str, float | None]:
    """Scores of the test cells, by id; None for those that were not graded."""
    cells = result.cells.get(ASSIGNMENT, {})
    return {test: cells.get(test, {}).get("score") for test in FULL}
