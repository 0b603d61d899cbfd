"""One honest submission through the whole worker: points, both ways of testing, what the learner sees."""

from dataclasses import replace

import nbformat
import pytest

from grading.grading_process import GradingProcess
from tests.grading.class_course import (
    ASSIGNMENT,
    FULL,
    PLACE,
    RUBRIC,
    SECRET,
    lent,
    notebook,
    points,
    printed,
    submission,
)


def test_the_solution_gets_full_marks(grader, calibrated):
    _, pack, notes = calibrated
    result = grader.grade(submission(notebook()))
    assert (result.status, result.reason, result.flags) == ("graded", "", {})
    assert points(result) == FULL
    assert result.cells[ASSIGNMENT]["why"]["manual"]
    assert (
        notes == [] and pack.limits.cell_seconds >= 20
    )  # ten times the slowest cell, on a busy machine more


def test_the_release_gets_nothing_and_holds_no_hidden_test(grader, pack):
    release = pack.notebooks[ASSIGNMENT].release_notebook
    assert SECRET not in nbformat.writes(release)
    result = grader.grade(submission(release))
    assert points(result) == dict.fromkeys(FULL, 0)
    assert result.cells[ASSIGNMENT]["why"]["score"] == 0 and not result.flags


def test_a_grader_reads_the_rubric_of_a_question_and_a_new_answer_is_told_from_the_old(grader, pack):
    release = pack.notebooks[ASSIGNMENT].release_notebook
    assert RUBRIC not in nbformat.writes(release)
    first = grader.grade(submission(release))
    assert RUBRIC in nbformat.reads(first.notebooks[ASSIGNMENT], as_version=4).cells[PLACE["ask"]].source
    changed = nbformat.reads(nbformat.writes(release), as_version=4)
    changed.cells[PLACE["answer"]].source = "It is cheap."
    asked = [grader.grade(submission(each)).cells[ASSIGNMENT]["ask"] for each in (release, changed)]
    assert [each["answer"] == first.cells[ASSIGNMENT]["ask"]["answer"] for each in asked] == [True, False]


NOISY = """import warnings
def double(x):
    warnings.warn("hm")
    print("noise")
    return x + x"""
A_KIND_OF_STR = """class Text(str): pass
def solve(q):
    return Text(sum(int(w) for w in q.split() if w.isdigit()))"""
IN_PLACE = """def double(x):
    if isinstance(x, list):
        x.append(x[0])
        return x
    return x + x"""


@pytest.mark.parametrize(
    "cell, source, lost",
    [
        ("double", "def double(x):\n    return x + x", None),
        ("double", "double = lambda x: x * 2", None),
        ("double", "import operator\ndef double(x): return operator.add(x, x)", None),
        ("double", "class Doubler:\n    def __call__(self, x): return x + x\ndouble = Doubler()", None),
        ("double", NOISY, None),
        ("solve", A_KIND_OF_STR, None),
        ("double", "def double(x): return 4", "test-double"),
        ("double", "def double(x): return abs(x) * 2", "test-double"),
        ("double", "def doubled(x): return 2 * x", "test-double"),
        ("double", "def double(x):", "test-double"),
        ("double", "def double(x): raise ValueError('no')", "test-double"),
        ("solve", "def solve(q): return None", "test-solve"),
        ("solve", "def solve(q): return '5'", "test-solve"),
        ("scaled", "def scaled(x): return x", "test-scaled"),
        ("scaled", "def scaled(x, factor=1): return x * factor", "test-scaled"),
    ],
)  # fmt: skip
def test_right_and_wrong_answers_lose_exactly_their_points(grader, cell, source, lost):
    nb = notebook()
    nb.cells[PLACE[cell]].source = source
    result = grader.grade(submission(nb))
    assert points(result) == FULL | ({lost: 0.0} if lost else {})
    assert result.status == "graded" and not result.flags


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("exit()", "exit()"),
        ("quit()", "exit()"),
        ("def stop():\n    exit()\nstop()", "exit()"),
        ("import os\nos._exit(0)", "ended by itself"),
        ("import os\nos._exit(3)", "ended by itself (exit status 3)"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
    ],
    ids=lambda value: value.split("\n")[-1],
)
def test_a_notebook_that_ends_itself_needs_attention_and_the_reason_names_the_cell(grader, code, says):
    nb = notebook()
    nb.cells[PLACE["double"]].source = f"def double(x):\n    return x + x\n{code}"
    result = grader.grade(submission(nb))
    assert result.status == "needs attention"
    assert says in result.reason and f"cell {PLACE['double'] + 1} " in result.reason.lower() + " "


@pytest.mark.parametrize(
    "code",
    [
        "import sys\nsys.exit()",
        "import sys\nsys.exit(1)",
        "raise SystemExit",
        "raise SystemExit('done')",
        "exit",
        "exit(0)",
    ],
    ids=lambda value: value.split("\n")[-1],
)
def test_a_cell_that_leaves_by_an_error_ends_alone(grader, code):
    nb = notebook()
    nb.cells[PLACE["double"]].source = f"def double(x):\n    return x + x\n{code}"
    result = grader.grade(submission(nb))
    assert (result.status, points(result)) == ("graded", FULL)


@pytest.mark.parametrize("code", ["import sys; sys.exit()", "raise SystemExit(0)", "exit()", "quit()"])
def test_a_function_that_exits_in_a_test_loses_its_own_points_at_most(grader, code):
    nb = notebook()
    nb.cells[PLACE["double"]].source = f"def double(x):\n    {code}"
    result = grader.grade(submission(nb))
    assert (result.status, points(result)) == ("graded", FULL | {"test-double": 0.0}), result.reason


def test_a_function_that_ends_the_process_in_a_test_names_the_test_s_cell(grader):
    nb = notebook()
    nb.cells[PLACE["double"]].source = "import os\ndef double(x):\n    os._exit(0)"
    result = grader.grade(submission(nb))
    assert result.status == "needs attention"
    assert f"cell {PLACE['test-double'] + 1} " in result.reason.lower()


ENDLESS = "import time\ndef {}(x):\n    while True:\n        time.sleep(1)"


@pytest.mark.slow
@pytest.mark.parametrize("loops", [1, 3])
def test_an_endless_loop_costs_its_own_points_and_several_no_more_than_their_time_together(
    grader, pack, loops
):
    nb = notebook()
    for cell in ("double", "solve", "scaled")[:loops]:
        nb.cells[PLACE[cell]].source = ENDLESS.format(cell)
    limits = replace(pack.limits, late_seconds=2 * pack.limits.cell_seconds)
    with lent(grader, replace(pack, limits=limits), pack):
        result = grader.grade(submission(nb))
    errors = [result.cells[ASSIGNMENT][test]["error"].partition(":")[0] for test in FULL]
    if loops == 1:
        assert (result.status, points(result)) == ("graded", FULL | {"test-double": 0.0})
        assert errors == ["CellTimeoutError", "", ""]
    else:
        assert result.status == "needs attention" and "time was up again" in result.reason
        assert f"cell {PLACE['test-solve'] + 1} " in result.reason
        assert errors == ["CellTimeoutError", "DeadKernelError", "NotRun"]


def test_luck_decides_nothing(grader, pack):
    """Global random numbers and the order of sets are the same for each run, in cells and in tests' calls."""
    nb = notebook()
    draws = "random.random(), float(np.random.random()), hash('a'), list({'a', 'b', 'c', 'd'})"
    nb.cells[PLACE["double"]].source = (
        f"import random\nimport numpy as np\nprint({draws})\n"
        "def double(x):\n    return x + x if random.random() < 0.9 else None"
    )
    with GradingProcess(pack) as fresh:
        seen = [each.grade(submission(nb)) for each in (grader, fresh)]
    assert printed(seen[0], "double").startswith("0.")
    assert len({printed(each, "double") for each in seen}) == 1
    assert len({tuple(points(each).items()) for each in seen}) == 1


def test_a_function_may_change_its_argument_and_call_back(grader):
    nb = notebook()
    nb.cells[PLACE["double"]].source = IN_PLACE
    # the test compares with x + x of the list that was changed: as plain nbgrader
    result = grader.grade(submission(nb))
    assert points(result)["test-solve"] == 2.0


STAMPS = {
    b"2026-03-02 00:00:00 CET": None,
    b"2026-03-02 00:00:01 +0100": 7.0,
    b"2026-03-01 18:00:01 America/New_York": 7.0,
    b"\xef\xbb\xbf2026-03-01 23:00:00 UTC\r\n": None,
    b"2026-03-09 00:00:00 IST": None,  # means several: noted, and not counted
}


def test_a_late_submission_is_penalised_by_the_course_s_own_policy_in_whatever_zone(grader, pack):
    strict = replace(pack, config={"LateSubmissionPlugin": {"penalty_method": "zero"}})
    with lent(grader, strict, pack):
        for stamp, late in STAMPS.items():
            files = {"tiny.ipynb": nbformat.writes(notebook()).encode(), "timestamp.txt": stamp}
            result = grader.grade(replace(submission(files), due="2026-03-01T23:00:00"))
            assert result.late == {"tiny": late}, stamp
            assert any("time zone IST" in note for note in result.notes) == (b"IST" in stamp)
