"""A class's standing comes from what tests print in graded work, and from nothing a learner can print."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from grading.leaderboard import Place, as_text, places

TEST = {
    "grade": True,
    "grade_id": "t",
    "locked": True,
    "points": 1,
    "schema_version": 3,
    "solution": False,
    "task": False,
}


def graded(folder, student: str, said: str, by_test: bool = True) -> None:
    cell = new_code_cell("print(1)", outputs=[new_output("stream", name="stdout", text=said)])
    cell.metadata = {"nbgrader": TEST} if by_test else {}
    path = folder / student / "09" / "09.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(new_notebook(cells=[cell]), path)


def test_the_highest_stands_first_and_equals_share_a_place(tmp_path):
    for student, said in (("ada", "+0.25"), ("bob", "+0.50"), ("cyd", "+0.25"), ("dot", "-0.10")):
        graded(tmp_path, student, f"before\nLeaderboard: {said} a question\n")
    found = places(tmp_path, "09", ["ada", "bob", "cyd", "dot", "eve"])
    assert found[0] == Place("bob", 0.5, "a question")
    assert [line.split("|")[1:3] for line in as_text(found).splitlines()[2:]] == [
        [" 1 ", " bob "],
        [" 2 ", " ada "],
        [" 2 ", " cyd "],
        [" 4 ", " dot "],
    ]
    assert "a question" in as_text(found)


def test_what_a_cell_of_the_learner_prints_does_not_count(tmp_path):
    graded(tmp_path, "mal", "Leaderboard: +99 a question\n", by_test=False)
    assert places(tmp_path, "09", ["mal"]) == []
