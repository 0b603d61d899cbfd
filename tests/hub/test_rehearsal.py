"""A class at a real hub, in a browser: it gets an assignment and works on it while the hub crashes and returns.

Screenshots stay in `.hub/screenshots` for a look.
"""

import json
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from deploy import hub
from grading.course import ROOT

lab = pytest.importorskip("tests.browser.lab")
people = pytest.importorskip("tests.hub.people")

pytestmark = [
    pytest.mark.hub,
    pytest.mark.skipif(lab.tools_are_missing(), reason="needs chromium and chromedriver on the path"),
    pytest.mark.skipif(bool(hub.missing()), reason=hub.missing()),
]

NAME = "01_cot_vs_baseline"
FIRST = f"{hub.CLONE}/notebooks/00_start_here/00_start_here.ipynb"
EXPOSED = "--Spawner.args=--LabApp.expose_app_in_browser=True"  # lets the test ask JupyterLab when it is done
SHOTS = ROOT / ".hub" / "screenshots"
MARKERS = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)
MISTAKE = {"ex3_extract_final": 'def extract_final(text):\n    found = re.findall(r"Final: *(-?[0-9]+)", text)\n'
           "    return found[0] if found else None"}  # fmt: skip
ANSWERS = {"*Your answer to question 1:*": "At 5 steps, since written lines are its memory.",
           "*Your answer to question 2:*": "Five questions are too few. Look-ups need no reasoning."}  # fmt: skip
EXERCISES = ["run_baseline", "SYSTEM_COT", "extract_final", "run_cot", "evaluate"]


def written(assignment: str) -> dict[str, str]:
    """The solution: the text of every cell that a learner writes, by its grade_id."""
    path = ROOT / "solutions" / assignment / f"{assignment}.ipynb"
    cells = json.loads(path.read_text("utf-8"))["cells"]
    graded = [(cell["metadata"].get("nbgrader", {}), "".join(cell["source"])) for cell in cells]
    return {about["grade_id"]: MARKERS.sub("", text) for about, text in graded if about.get("solution")}


def errors(cells: list[dict]) -> list[str]:
    """Names of the errors and texts on stderr in the outputs."""
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [each["ename"] for each in outputs if each["output_type"] == "error"] + [
        each["text"] for each in outputs if each.get("name") == "stderr"
    ]


def verdicts(cells: list[dict]) -> dict[str, bool]:
    """What the checks in the notebook say of each exercise."""
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    texts = ["".join(each.get("data", {}).get("text/plain", "")) for each in outputs]
    return {text[2:].split(":")[0]: text[0] == "✓" for text in texts if text[:1] in "✓✗" and text}


@pytest.fixture(scope="module")
def room():
    """A prepared classroom, in a folder that another account could enter."""
    state = Path(tempfile.mkdtemp(prefix="hub-"))
    ports = hub.free_ports(3)
    classroom = hub.Classroom(state, ("ada", "ben"), ports[0], ports[1:])
    classroom.prepare()
    yield classroom
    shutil.rmtree(state, ignore_errors=True)


@pytest.fixture(scope="module")
def running(room):
    """The hub's process, in a list, since the test lets it crash and starts it again."""
    shutil.rmtree(SHOTS, ignore_errors=True)
    SHOTS.mkdir(parents=True)
    with (room.state / "hub.log").open("a") as log:
        processes = [room.start(log, EXPOSED)]
        yield processes, lambda: processes.append(room.start(log, EXPOSED))
        processes[-1].terminate()
        processes[-1].wait(120)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with lab.chromium(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


def test_two_learners_work_through_a_crash_of_the_hub(room, running, browser):
    processes, start_again = running
    teacher = people.enter(hub.INSTRUCTOR, room, browser, SHOTS)
    # Fewer problems than in class, as the notebook tells owners of slow machines.
    teacher.terminal(f"sed -i 's/PER_STEP = 40/PER_STEP = 2/' solutions/{NAME}/{NAME}.ipynb")
    teacher.terminal(f"python -m grading.release && nbgrader release_assignment {NAME}")

    ada, ben = (people.enter(name, room, browser, SHOTS) for name in room.learners)
    ada.pull(FIRST)
    ada.shoot("pulled")
    for learner in (ada, ben):
        learner.assignments()
        learner.shoot("released")
        learner.press("released", "Fetch")
        assert NAME in learner.listed("fetched")[0]
        learner.open(f"{NAME}/{NAME}.ipynb")
        learner.write(written(NAME))
        for question, answer in ANSWERS.items():
            learner.replace(question, answer)
    ben.write(MISTAKE)

    for learner in (ada, ben):  # at once
        learner.start_running()
    processes[-1].kill()  # the hub crashes while both notebooks run
    processes[-1].wait()
    start_again()
    cells = {learner.name: learner.cells() for learner in (ada, ben)}
    for learner in (ada, ben):
        learner.save()
        learner.shoot("ran")
    assert not errors(cells["ada"]) and verdicts(cells["ada"]) == dict.fromkeys(EXERCISES, True)
    assert errors(cells["ben"]) == ["AssertionError"] and verdicts(cells["ben"])["extract_final"] is False
