"""Grading where bubblewrap does not work: limits, Landlock where the kernel has it, and a loud warning."""

import os
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from config import ROOT
from grading import confine, sandbox
from grading.course import assignments
from tests.grading.class_course import FULL, PLACE, SERVES, lent, notebook, points, printed, submission
from tests.grading.conftest import grader_for
from tests.grading.hostile_code import HOSTILE
from tests.grading.test_hostile import SECRETS, attack, shown

LANDLOCK = confine.landlock_version() >= 4
ATTACKS = {case.name: case for case in HOSTILE}
CLOSED = ("gradebook read", "gradebook written", "solutions read", "disk read", "network", "files deleted")
LIMITED = ("parent killed", "processes that stay", "shell", "memory", "large file", "much output", "os._exit")
CHEATS = ("helper patched", "equal to anything", "asserts stripped", "hook captures tests", "reference found")


def leaves_network() -> bool:
    """Whether a process here may move to an empty network of its own."""
    code = "from grading import confine; print('network' in confine.enter({'network': False}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout == "True\n"


@pytest.fixture(scope="module")
def limited(grader, pack):
    """A grader without bubblewrap."""
    with lent(grader, replace(pack, sandbox="limits"), pack):
        yield grader


def test_an_honest_submission_gets_its_points_and_may_serve_a_model_to_itself(limited):
    nb = notebook()
    nb.cells[PLACE["double"]].source += "\n" + SERVES
    result = limited.grade(submission(nb))
    assert (points(result), result.flags) == (FULL, {})
    if leaves_network() or not LANDLOCK:  # without a network of its own, Landlock closes 127.0.0.1 too
        assert printed(result, "double") == "b'served'\n"


def test_a_process_of_the_learner_imports_the_course_as_well(limited):
    nb = notebook()
    compares = "from helpers.answers import answers_match\nprint(answers_match('x + 1', '1 + x'))"
    nb.cells[PLACE["double"]].source += "\n" + compares
    result = limited.grade(submission(nb))
    assert (points(result), printed(result, "double")) == (FULL, "True\n")


@pytest.mark.slow
@pytest.mark.parametrize("assignment", assignments(ROOT))
def test_the_course_can_be_graded_without_bubblewrap(assignment):
    grader, _, notes = grader_for(ROOT, "limits", assignment)  # the solution earns all, the release nothing
    grader.close()
    assert notes == []


@pytest.mark.parametrize("name", [*LIMITED, *CHEATS])
def test_what_limits_alone_hold(limited, course, name):
    result = limited.grade(submission(attack(ATTACKS[name], course)))
    assert not any(points(result).values())
    assert "hidden_quokka_7" not in shown(result)


@pytest.mark.skipif(
    not LANDLOCK, reason="this kernel has no Landlock, so the disk stays open without bubblewrap"
)
@pytest.mark.parametrize("name", CLOSED)
def test_what_landlock_holds(limited, course, name):
    before = (course / "gradebook.db").read_bytes()
    result = limited.grade(submission(attack(ATTACKS[name], course)))
    assert not any(points(result).values())
    for secret in SECRETS:
        assert secret not in shown(result)
    assert (course / "gradebook.db").read_bytes() == before


def test_nothing_survives(limited):
    marker = f"sleep {os.getpid()}.5"
    nb = notebook()
    nb.cells[PLACE["double"]].source += (
        f"\nimport os, subprocess\nsubprocess.Popen('setsid {marker} & nohup {marker} &', shell=True)\n"
        "if os.fork() == 0:\n    os.setsid()\n"
        f"    if os.fork() == 0: os.execlp('sleep', *'{marker}'.split())\n    os._exit(0)"
    )
    assert points(limited.grade(submission(nb))) == FULL
    assert not [each for each in psutil.process_iter(["cmdline"]) if each.info["cmdline"] == marker.split()]


def test_the_warning_is_loud_and_says_what_is_kept():
    assert sandbox.warning("bubblewrap") == ""
    text = sandbox.warning("limits")
    assert text.startswith("WARNING") and "Install bubblewrap" in text and ("Landlock" in text) == LANDLOCK


def test_bubblewrap_where_it_is_wanted_and_missing(monkeypatch):
    monkeypatch.setattr(sandbox, "works", lambda: False)
    assert sandbox.choose() == "limits"
    with pytest.raises(RuntimeError, match="install it"):
        sandbox.choose("bubblewrap")


@pytest.mark.skipif(not sandbox.works(), reason="bubblewrap does not work here")
def test_what_the_sandbox_shows_of_the_disk():
    paths = [
        "/etc/passwd",
        "/var",
        "/sys",
        *(f"{ROOT}/{name}" for name in ("solutions", ".git", ".env", "tests")),
    ]
    code = f"import os; print([path for path in {paths} if os.path.exists(path)])"
    command = sandbox.bubblewrap([sys.executable, "-c", code], sandbox.Limits())
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
