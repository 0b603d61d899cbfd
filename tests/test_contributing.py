"""Follows CONTRIBUTING.md: the ten steps of a new exercise, on a course of one notebook."""

import ast
import re
import textwrap
from contextlib import redirect_stdout
from io import StringIO

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from config import ROOT
from grading.release import build_release
from tests.notebooks.reading import exercises, read, secret_lines
from tests.notebooks.session import open_session

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
STEPS = GUIDE.partition("in ten steps")[2].partition("\n## ")[0]
NAME = "longest_reply"


def block(kind: str) -> str:
    """The one block of this kind in the ten steps."""
    [found] = re.findall(rf"^   ```{kind}\n(.*?)^   ```$", STEPS, re.MULTILINE | re.DOTALL)
    return textwrap.dedent(found)


def graded(grade_id: str, **marks: object) -> dict:
    """What nbgrader's panel writes into a cell."""
    plain = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    return {"nbgrader": plain | {"grade_id": grade_id} | marks}


@pytest.fixture(scope="module")
def solution(tmp_path_factory):
    """The notebook of steps 2 to 8, in a course of its own."""
    tests = graded(f"test_{NAME}", grade=True, locked=True, points=1)
    cells = [
        new_markdown_cell(block("markdown"), id="spec"),
        new_code_cell(block("python solution"), id="answer", metadata=graded(NAME, solution=True)),
        new_code_cell(block("python tests"), id="tests", metadata=tests),
    ]
    path = tmp_path_factory.mktemp("course") / "solutions" / "new" / "new.ipynb"
    path.parent.mkdir(parents=True)
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), path)
    return path


def test_there_are_ten_steps():
    assert re.findall(r"^(\d+)\. ", STEPS, re.MULTILINE) == [str(i) for i in range(1, 11)]


def test_what_the_steps_name_exists():
    named = [name for name in re.findall(r"`([\w.]+/[\w./]*)`", GUIDE) if name != "OWNER/REPO"]
    assert len(named) > 5 and not [name for name in named if not (ROOT / name).exists()]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {t for line in re.findall(r"\bmake ((?:[a-z-]+ ?)+)[`\n,#]", GUIDE) for t in line.split()}
    assert "notebook-test" in targets and not [t for t in targets if f"\n{t}:" not in makefile]


def test_the_release_keeps_the_stub_and_nothing_secret(solution):
    release = next(iter(build_release(solution.parents[2]).values())).decode()
    notebook = nbformat.reads(release, as_version=4)
    assert "raise NotImplementedError()" in notebook.cells[1].source
    assert secret_lines(read(solution)) and not [s for s in secret_lines(read(solution)) if s in release]
    assert exercises(read(solution))[NAME].points == 1


def test_right_variants_earn_the_points_and_wrong_ones_lose_them(solution):
    variants = ast.literal_eval(block("python variants").partition("=")[2].strip())[NAME]
    with open_session(read(solution), solution.parent) as session:
        assert session.control() == {f"test_{NAME}": variants["points"]}
        for kind, points in (("right", variants["points"]), ("wrong", 0)):
            for code in variants[kind]:
                assert session.score({NAME: code}) == {f"test_{NAME}": points}, code


def test_the_check_is_happy_with_the_solution_and_helps_with_a_mistake():
    made, answers = {}, {}
    exec(block("python check"), made)
    exec(block("python solution"), answers)

    def said(code) -> str:
        with redirect_stdout(StringIO()) as out:
            made[NAME](code)
        return out.getvalue()

    assert "all 3 cases pass" in said(answers[NAME])
    assert "hint 1" in said(lambda texts: texts[0])
