"""The commands of docs/instructor.md, run in order in a small copy of the repository."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash

from tests.grading.class_course import ASSIGNMENT, PLACE, SECRET, notebook, write_course

pytestmark = pytest.mark.slow  # minutes; `make grading-test`

REPOSITORY = Path(__file__).parents[2]
GUIDE = (REPOSITORY / "docs" / "instructor.md").read_text("utf-8")
COPIED = ("grading", "helpers", "config.py", "nbgrader_config.py", "pyproject.toml", "Makefile")


def commands() -> list[str]:
    """The guide's commands, with the small assignment in place of the real one."""
    blocks = re.findall(r"```bash\n(.*?)```", GUIDE, re.DOTALL)
    lines = [line for block in blocks for line in block.strip().splitlines()]
    return [line.replace("01_cot_vs_baseline", ASSIGNMENT) for line in lines]


def plain(command: str) -> str:
    """What `make <target>` runs, with this Python; other commands with its tools."""
    if command.startswith("make "):
        recipe = re.search(
            rf"^{command[5:]}:.*\n\t(.+)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE
        )
        command = recipe.group(1).replace("$(RUN)", "python")
    return re.sub(
        r"^(python|nbgrader)",
        lambda m: sys.executable + (" -m nbgrader" if m[1] == "nbgrader" else ""),
        command,
    )


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clone that holds only the small assignment, and how to run a command in it."""
    root = tmp_path_factory.mktemp("clone")
    for name in COPIED:
        source = REPOSITORY / name
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, root / name, ignore=ignore) if source.is_dir() else shutil.copy(source, root)
    write_course(root)
    exchange = tmp_path_factory.mktemp("exchange")
    exchange.chmod(0o777)
    variables = os.environ | {"EXCHANGE": str(exchange), "PYTHONPATH": str(root), "PYTHONWARNINGS": "ignore"}

    def run(command: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            plain(command), shell=True, cwd=root, env=variables, capture_output=True, text=True
        )

    return root, exchange, run


def hand_in(exchange: Path, student: str, nb: nbformat.NotebookNode) -> None:
    """What pressing *Submit* leaves in the exchange."""
    inbound = next(exchange.glob("*/inbound"))
    folder = inbound / f"{student}+{ASSIGNMENT}+2026-03-01 12:00:00.000000 UTC+0123456789"
    folder.mkdir()
    nbformat.write(nb, folder / f"{ASSIGNMENT}.ipynb")
    (folder / "timestamp.txt").write_text("2026-03-01 12:00:00.000000 UTC")
    (folder / "submission_secret.txt").write_text(f"secret of {student}")


def test_the_guide_from_release_to_returned_feedback(clone):
    root, exchange, run = clone
    todo = commands()
    assert [line.split()[1] for line in todo] == [
        "release", "release_assignment", "collect", "grade", "-m", "-m", "-m", "release_feedback"
    ]  # fmt: skip
    for line in todo[:2]:
        assert run(line).returncode == 0, run(line).stderr
    edited, half = notebook(), notebook()
    edited.cells[PLACE["test-double"]].source = "assert True"
    half.cells[PLACE["solve"]].source = "def solve(question):\n    raise ValueError('no idea')"
    for student, nb in (("s01", notebook()), ("s02", edited), ("s03", half)):
        hand_in(exchange, student, nb)
    broken = root / "submitted" / "s04" / ASSIGNMENT
    broken.mkdir(parents=True)
    (broken / f"{ASSIGNMENT}.ipynb").write_text("{ not JSON")
    assert run(todo[2]).returncode == 0
    graded = run(todo[3])
    assert graded.returncode == 1 and "s04" in graded.stdout, graded.stderr  # one needs attention
    assert "not JSON" in graded.stdout and "3 graded, 1 needs attention" in graded.stdout
    graded_at = times_of_grading(root)
    again = run(todo[4])
    assert again.returncode == 1 and "1 needs attention" in again.stdout  # s04 is as it was
    assert times_of_grading(root) == graded_at  # and nothing was graded again
    scores = {"s01": 7.0, "s02": 4.0, "s03": 5.0}
    assert standing(root) == scores
    assert run(todo[5]).returncode == 0
    assert standing(root) == scores | {"s02": 7.0}
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("why", ASSIGNMENT, ASSIGNMENT, "s01")
        grade.manual_score, grade.needs_manual_grade = 3.5, False
        gradebook.db.commit()
    assert run(todo[6]).returncode == 0
    assert "s01,graded,10.5,13.0" in (root / "reports" / "grades.csv").read_text().replace(
        f"{ASSIGNMENT},", ""
    )
    assert "s04,needs attention,," in (root / "reports" / "grades.csv").read_text()
    for student in scores:
        page = (root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text("utf-8")
        assert SECRET not in page and "reference.double" not in page
    assert "ValueError: no idea" in page
    assert "<figure" in (root / "reports" / f"{ASSIGNMENT}.html").read_text("utf-8")
    assert run(todo[7]).returncode == 0
    wanted = {notebook_hash(secret=f"secret of {student}", notebook_id=ASSIGNMENT) for student in scores}
    assert {
        page.stem for page in exchange.glob("*/feedback/*.html")
    } >= wanted  # as learners' machines look for it


def standing(root: Path) -> dict[str, float]:
    """Everyone's score in the gradebook."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        return {each.student_id: each.score for each in gradebook.assignment_submissions(ASSIGNMENT)}


def times_of_grading(root: Path) -> list[tuple]:
    """When each submission was graded."""
    with sqlite3.connect(root / "gradebook.db") as database:
        return database.execute("SELECT student, graded_at FROM grading_result ORDER BY student").fetchall()


@pytest.mark.parametrize("arguments, says", [
    ("grade no_such_assignment", "no assignment 'no_such_assignment'"),
    ("grade tiny --students nobody", "put what learners hand in"),
    ("accept tiny nobody", "nothing of nobody's tiny is held back"),
])  # fmt: skip
def test_a_wrong_command_gets_one_sentence(clone, arguments, says):
    done = clone[2](f"python -m grading {arguments}")
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr
