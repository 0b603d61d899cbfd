"""Hostile and broken submissions: no undeserved point, no secret read, no other submission harmed."""

import json
import os
import socket
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from grading import sandbox
from grading.feedback import HideTests, hidden_text
from grading.grading_process import GradingProcess
from grading.submissions import collect
from tests.grading.broken_files import BROKEN
from tests.grading.class_course import ASSIGNMENT, FULL, PLACE, SECRET, notebook, points, submission
from tests.grading.hostile_code import CHEATS, HOSTILE, THIEVES, VANDALS, Hostile

pytestmark = pytest.mark.slow  # minutes; `make grading-test`

REPOSITORY = Path(__file__).parents[2]
SERVICE = socket.create_server(("127.0.0.1", 0))  # something on this machine that answers whoever reaches it
DISGUISED = "cXVva2thI"  # base64 of quokka!
SECRETS = (SECRET, DISGUISED, "gradebook_wombat_3", "root:x:0", "NETWORK REACHED", "API_KEY")


@pytest.fixture(scope="module")
def strict(pack):
    """A grader with short time limits."""
    short = replace(
        pack.limits, cell_seconds=4.0, late_seconds=12.0, notebook_seconds=60.0, answer_seconds=3.0
    )
    with GradingProcess(replace(pack, limits=short)) as grader:
        yield grader


def attack(case: Hostile, root: Path):
    """The notebook of a learner who wrote `case.code` in the first exercise, and nothing in the others."""
    nb = notebook()
    nb.cells[PLACE["double"]].source = source_of(case, root)
    nb.cells[PLACE["solve"]].source = nb.cells[PLACE["scaled"]].source = "# nothing"
    return nb


def source_of(case: Hostile, root: Path) -> str:
    """The attack's code, with the paths and the port that it aims at."""
    aims = {"{root}": str(root), "{repository}": str(REPOSITORY), "{port}": str(SERVICE.getsockname()[1])}
    code = case.code
    for aim, place in aims.items():
        code = code.replace(aim, place)
    return code


def shown(result) -> str:
    """All outputs that the learner's feedback page would show."""
    text = []
    for content in result.notebooks.values():
        hide = HideTests()
        hide.hidden = hidden_text(notebook())
        page, _ = hide.preprocess(nbformat.reads(content, as_version=4), {})
        text += [json.dumps(cell.get("outputs", [])) for cell in page.cells]
    return "".join(text)


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_broken(grader, case):
    result = grader.grade(submission(case.make()))
    said = " ".join([result.reason, *result.notes])
    assert case.says in said
    if case.points is None:
        assert result.status == "needs attention" and result.reason
        assert set(points(result).values()) <= {None}
    else:
        assert (result.status, points(result)) == ("graded", case.points), said


@pytest.mark.parametrize("case", [case for case in HOSTILE if not case.slow], ids=lambda case: case.name)
def test_hostile(grader, course, case):
    judge(grader, course, case)


@pytest.mark.parametrize("case", [case for case in HOSTILE if case.slow], ids=lambda case: case.name)
def test_hostile_that_costs_a_time_limit(strict, course, case):
    judge(strict, course, case)


def judge(grader, course, case):
    """Grades the attack and checks what must hold for every one."""
    before = (course / "gradebook.db").read_bytes()
    result = grader.grade(submission(attack(case, course)))
    assert not any(points(result).values()), f"{points(result)} {result.flags}"
    for secret in SECRETS:
        assert secret not in shown(result)
    assert (course / "gradebook.db").read_bytes() == before
    assert (result.status == "needs attention") == case.attention or not case.attention, result.reason
    assert case.attention is False or result.reason
    assert not case.look or any(case.look in each for each in result.looks), result.looks
    assert len(json.dumps(result.notebooks)) < 8 << 20


@pytest.mark.skipif(sandbox.choose() != "bubblewrap", reason="without bubblewrap all share /dev/shm")
def test_nothing_of_an_attack_reaches_the_next_submission(grader, course):
    for case in (VANDALS[10], VANDALS[11], THIEVES[-2]):
        grader.grade(submission(attack(case, course)))
    result = grader.grade(submission(attack(THIEVES[-1], course)))
    assert "NOTE FOR THE NEXT" not in shown(result)
    nb = notebook()
    nb.cells[PLACE["double"]].source += "\nimport os\nprint([p for p in os.listdir('/proc') if p.isdigit()])"
    result = grader.grade(submission(nb))
    assert points(result) == FULL
    printed = json.loads(result.notebooks[ASSIGNMENT])["cells"][PLACE["double"]]["outputs"][0]["text"]
    assert len(eval("".join(printed))) == 3  # bubblewrap, the fork server, this process


def test_points_of_an_edited_test_are_withheld_and_of_no_other(grader):
    nb = notebook()
    nb.cells[PLACE["test-solve"]].source = "assert True"
    result = grader.grade(submission(nb))
    cells = result.cells[ASSIGNMENT]
    assert points(result) == FULL | {"test-solve": 0.0} and cells["test-solve"]["withheld"] == 2.0
    assert result.flags == {"tiny/test-solve": "the test cell was edited"}


def test_a_helper_that_is_patched_helps_nobody(grader):
    nb = notebook()
    nb.cells[
        PLACE["solve"]
    ].source = (
        "import helpers.answers\nhelpers.answers.answers_match = lambda *a: True\ndef solve(q): return ''"
    )
    assert points(grader.grade(submission(nb))) == FULL | {"test-solve": 0.0}


@pytest.mark.parametrize("code, what", [
    ("import ctypes", "memory"),
    ("def double(x):\n    import sys\n    sys._getframe()\n    return x + x", "frames"),
    ("import helpers.answers\nhelpers.answers.LIMIT = 3\ndef double(x): return x + x", "assigns to helpers"),
    ("import reference", "reference solution"),
    ("import socket", "network"),
])  # fmt: skip
def test_suspicious_code_is_worth_a_look_and_costs_nothing(grader, code, what):
    nb = notebook()
    nb.cells[PLACE["double"]].source = code
    assert any(what in each for each in grader.grade(submission(nb)).looks)


def test_links_devices_and_large_files_stay_behind(tmp_path):
    folder = tmp_path / "submission"
    folder.mkdir()
    (tmp_path / "other.ipynb").write_text("another learner's work")
    (folder / "tiny.ipynb").symlink_to(tmp_path / "other.ipynb")
    (folder / "up").symlink_to("/")
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "large.bin").write_bytes(b"x" * (11 << 20))
    (folder / "data.csv").write_text("1,2")
    (folder / "sub").mkdir()
    (folder / "sub" / "more.txt").write_text("more")
    os.mkdir(bytes(folder) + b"/\xff")
    files, notes = collect(folder)
    assert files == {"data.csv": b"1,2", "sub/more.txt": b"more"}
    assert len(notes) == 5


@pytest.mark.parametrize(
    "name",
    [
        "tiny [1].ipynb",
        "[tiny].ipynb",
        "tiny Kopie (2).ipynb",
        "Übung ½ – 李.ipynb",
        "a [b]/tiny [c].ipynb",
        "*?.ipynb",
    ],
)
def test_a_notebook_of_another_name_is_found_and_its_neighbours_come_along(grader, tmp_path, name):
    path = tmp_path / "s [01]" / name
    path.parent.mkdir(parents=True)
    path.write_text(nbformat.writes(notebook()), "utf-8")
    (path.parent / "données [x] 1.csv").write_text("1,2")
    files, notes = collect(tmp_path / "s [01]")
    assert notes == [] and len(files) == 2
    result = grader.grade(submission(files, "s [01]"))
    assert points(result) == FULL and any(name in each for each in result.notes)


def test_there_are_enough_ideas_and_they_are_code():
    assert len(BROKEN) + len(HOSTILE) >= 60 and len(CHEATS) >= 20
    assert len({case.name for case in HOSTILE}) == len(HOSTILE)
    for case in HOSTILE:
        compile(source_of(case, REPOSITORY), case.name, "exec")
