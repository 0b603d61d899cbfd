"""A class day at a real hub, in a browser: fetch, work, a crash of the hub, validate, hand in, grade, give
back.

Screenshots stay in `.hub/screenshots` for a look.
"""

import html
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from selenium.webdriver.common.by import By

from config import ROOT
from deploy import hub
from grading.feedback import HIDDEN, bare, hidden_text
from tests.hub import people

pytestmark = pytest.mark.hub

NAME = "01_cot_vs_baseline"
FIRST = f"{hub.CLONE}/notebooks/00_start_here/00_start_here.ipynb"
EXPOSED = "--Spawner.args=--LabApp.expose_app_in_browser=True"  # lets the test ask JupyterLab when it is done
SHOTS = ROOT / ".hub" / "screenshots"
MARKERS = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)
MISTAKE = {
    "ex3_extract_final": "def extract_final(text):\n"
    '    found = re.findall(r"Final: *(-?[0-9]+)", text)\n'
    "    return found[0] if found else None"
}
ANSWERS = {
    "*Your answer to question 1:*": "At 5 steps, since written lines are its memory.",
    "*Your answer to question 2:*": "Five questions are too few. Look-ups need no reasoning.",
}
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
    assert not hub.missing(), hub.missing()
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


def test_a_class_day(room, running, browser):
    processes, start_again = running
    teacher = people.enter(hub.INSTRUCTOR, room, browser, SHOTS)
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
        learner.shoot("ran")
        learner.dismiss()
        learner.save()
    assert not errors(cells["ada"]) and verdicts(cells["ada"]) == dict.fromkeys(EXERCISES, True)
    assert errors(cells["ben"]) == ["AssertionError"] and verdicts(cells["ben"])["extract_final"] is False

    says = {learner.name: learner.validate("validated") for learner in (ada, ben)}
    assert "passes all the tests" in says["ada"]  # as the checks say
    assert "extract_final" in says["ben"] and "run_cot" not in says["ben"]
    for learner in (ada, ben):
        hand_in(learner, 1)
        assert NAME in learner.listed("submitted")[0]
        learner.shoot("submitted")

    teacher.terminal(f"nbgrader collect {NAME} --update")
    graded = teacher.terminal(f"python -m grading grade {NAME} --workers 1")
    teacher.shoot("graded")
    assert "ada" in graded and "ben" in graded
    assert points(room) == {"ada": 14.0, "ben": 10.0}

    grade_by_hand(
        teacher, "ada", {"reflection_1": 1.5, "reflection_2": 2.0}, "Which differences would you not bet on?"
    )
    secrets = (
        f"(cd submitted && cp --parents */{NAME}/submission_secret.txt ../feedback)"  # as docs/hub.md says
    )
    give_back = f"python -m grading report {NAME} && {secrets} && nbgrader release_feedback {NAME}"
    teacher.terminal(give_back)
    assert points(room) == {"ada": 17.5, "ben": 10.0}
    read_feedback(ada, 17.5)

    ben.open(f"{NAME}/{NAME}.ipynb")
    ben.write({"ex3_extract_final": written(NAME)["ex3_extract_final"]})
    ben.save()
    assert "passes all the tests" in ben.validate("validated_again")
    hand_in(ben, 2)
    teacher.terminal(
        f"nbgrader collect {NAME} --update && python -m grading grade {NAME} --workers 1 && {give_back}"
    )
    assert points(room) == {"ada": 17.5, "ben": 14.0}
    read_feedback(ben, 14.0)


def hand_in(learner, count: int) -> None:
    """Presses Submit; there are then `count` submissions of this learner."""
    learner.assignments()
    learner.press("fetched", "Submit")
    inbound = learner.room.exchange / "inference-scaling" / "inbound"
    learner.wait(lambda _: len(list(inbound.glob(f"{learner.name}+{NAME}+*/timestamp.txt"))) == count)


def points(room: hub.Classroom) -> dict[str, float]:
    """What stands in the instructor's gradebook."""
    database = room.home(hub.INSTRUCTOR) / hub.CLONE / "gradebook.db"
    with Gradebook(f"sqlite:///{database}") as gradebook:
        return {each.student_id: each.score for each in gradebook.assignment_submissions(NAME)}


def grade_by_hand(teacher, student: str, scores: dict[str, float], comment: str) -> None:
    """In formgrader: reads the rubric beside the answer, gives points and a comment."""
    database = teacher.room.home(hub.INSTRUCTOR) / hub.CLONE / "gradebook.db"
    with Gradebook(f"sqlite:///{database}") as gradebook:
        submission = gradebook.find_submission_notebook(NAME, NAME, student).id
    teacher.go(f"/user/{hub.INSTRUCTOR}/formgrader/gradebook/{NAME}/{NAME}")
    teacher.wait(lambda browser: browser.find_elements(By.PARTIAL_LINK_TEXT, "Submission #"))
    teacher.shoot("formgrader_list")
    teacher.go(f"/user/{hub.INSTRUCTOR}/formgrader/submissions/{submission}/")
    for question, score in scores.items():
        box = teacher.wait(lambda browser, question=question: browser.find_elements(By.ID, question))[0]
        teacher.browser.execute_script("arguments[0].scrollIntoView()", box)
        cell = box.find_element(By.XPATH, "./ancestor::div[contains(@class, 'nbgrader_cell')]")
        assert "Rubric (2 points)" in cell.text
        box.clear()
        box.send_keys(f"{score}\t")
        words = teacher.browser.find_element(By.ID, f"{question}-comment")
        words.clear()
        words.send_keys(f"{comment}\t")
        teacher.shoot(question)
    page = teacher.browser.page_source
    assert all(answer in page for answer in ANSWERS.values())
    teacher.wait(lambda _: points(teacher.room)[student] == 14 + sum(scores.values()))
    teacher.lab()


def read_feedback(learner, score: float) -> None:
    """The learner fetches the feedback and opens its page."""
    learner.assignments()
    learner.press("submitted", "Fetch Feedback")
    pages = learner.room.home(learner.name) / NAME / "feedback"
    learner.wait(lambda _: list(pages.glob("*/*.html")))
    page = max(pages.glob("*/*.html"), key=lambda path: path.parent.name)
    text = page.read_text("utf-8")
    solution = nbformat.read(ROOT / "solutions" / NAME / f"{NAME}.ipynb", as_version=4)
    shown = bare(html.unescape(re.sub(r"<[^>]*>", "", text)))
    visible = "".join(bare(HIDDEN.sub("", cell.source)) for cell in solution.cells)
    told = [line for line in hidden_text(solution) if line in shown and line not in visible]
    assert not told and "HIDDEN TESTS" not in text
    learner.shoot("feedback_fetched")
    learner.go(f"/user/{learner.name}/files/{page.relative_to(learner.room.home(learner.name))}")
    shown = learner.wait(lambda browser: browser.find_element(By.TAG_NAME, "body").text)
    assert re.search(rf"Score: {score:g}(\.0)? / 18", shown), shown[:400]
    learner.shoot("feedback")


def test_a_stranger_cannot_list_what_was_handed_in_or_given_back(room, running):
    if os.geteuid() != 0:
        pytest.skip("only root can look with the eyes of another account")
    course = next(room.exchange.iterdir())
    for folder in (course / "inbound", course / "feedback"):
        assert folder.is_dir()
        room.state.chmod(0o711)
        done = subprocess.run(["ls", folder], user=65534, group=65534, extra_groups=[], capture_output=True)
        room.state.chmod(0o700)
        assert b"Permission denied" in done.stderr, done.stderr
