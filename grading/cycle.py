"""`python -m grading.cycle`: grades every submission with nbgrader and writes the feedback.

Reads `submitted/<student>/<assignment>/`; writes `autograded/`, `feedback/` and `gradebook.db`. A submission
that cannot be graded is reported as *needs attention* with the reason and harms no other. One after another,
without a sandbox.
"""

import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import BaseConverter, NbGraderException
from traitlets.log import get_logger

from config import ROOT
from grading.course import assignments, course_directory, settings


@dataclass(frozen=True)
class Grade:
    """A submission's points so far, of how many, cells left to grade by hand, or what is in the way."""

    student: str
    assignment: str
    score: float = 0.0
    max_score: float = 0.0
    by_hand: int = 0
    problem: str = ""


def grade_submissions(root: Path) -> Iterator[Grade]:
    """Grades what lies in `root/submitted`, one submission after another, and yields each result when known.

    What was graded before is graded again; points given by hand stay and are to be looked at again.
    """
    folders = (path for path in (root / "submitted").glob("*/*") if path.is_dir())
    found = sorted((path.name, path.parent.name) for path in folders)
    for assignment in sorted({assignment for assignment, _ in found}):
        no_assignment = _register(root, assignment)
        for student in (student for name, student in found if name == assignment):
            problem = no_assignment or _grade(root, assignment, student)
            yield (
                Grade(student, assignment, problem=problem) if problem else _result(root, assignment, student)
            )


def _register(root: Path, assignment: str) -> str:
    """Enters the assignment's cells in the gradebook; returns what is wrong, or nothing."""
    if assignment not in assignments(root):
        return f"there is no assignment {assignment!r} in solutions/; is the folder's name right?"
    with tempfile.TemporaryDirectory() as unused_release:
        course = course_directory(root, assignment, release_directory=unused_release)
        return _run(GenerateAssignment(coursedir=course, config=settings(root)))


def _grade(root: Path, assignment: str, student: str) -> str:
    """Autogrades one submission and writes its feedback; returns what is wrong, or nothing."""
    course = course_directory(root, assignment, student)
    config = settings(root)
    return _run(Autograde(coursedir=course, config=config)) or _run(
        GenerateFeedback(coursedir=course, config=config)
    )


def _result(root: Path, assignment: str, student: str) -> Grade:
    with Gradebook(course_directory(root, assignment).db_url) as gradebook:
        submission = gradebook.find_submission(assignment, student)
        cells = [grade for notebook in submission.notebooks for grade in notebook.grades]
        by_hand = sum(cell.needs_manual_grade for cell in cells)
        return Grade(student, assignment, submission.score, submission.max_score, by_hand)


def _run(step: BaseConverter) -> str:
    """Runs one nbgrader step; returns the reason of its failure, or nothing."""
    step.force = True
    with _errors() as errors:
        try:
            step.start()
        except NbGraderException as error:
            return _reason(errors) or str(error)
    return ""


@contextmanager
def _errors() -> Iterator[list[str]]:
    """Collects what nbgrader logs as errors, and keeps its log off the screen meanwhile."""
    messages: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: messages.append(record.getMessage())
    log = get_logger()
    others, log.handlers, propagate, log.propagate = log.handlers, [handler], log.propagate, False
    try:
        yield messages
    finally:
        log.handlers, log.propagate = others, propagate


def _reason(errors: list[str]) -> str:
    """The last line of the first traceback among the messages: the exception and its text."""
    tracebacks = [message for message in errors if message.startswith("Traceback")]
    return (tracebacks or errors or [""])[0].strip().splitlines()[-1]


def describe(grade: Grade) -> str:
    """One line for the instructor."""
    if grade.problem:
        return f"{grade.student}  {grade.assignment}  needs attention: {grade.problem}"
    by_hand = f", {grade.by_hand} to grade by hand" if grade.by_hand else ""
    return f"{grade.student}  {grade.assignment}  {grade.score:g} of {grade.max_score:g}{by_hand}"


def main() -> int:
    """Grades `submitted/` of this repository and prints one line a submission; returns the exit status."""
    grades = []
    for grade in grade_submissions(ROOT):
        print(describe(grade), flush=True)
        grades.append(grade)
    if not grades:
        print("Nothing to grade: put what learners hand in at submitted/<student>/<assignment>/.")
        return 1
    troubled = sum(bool(grade.problem) for grade in grades)
    print(f"{len(grades) - troubled} graded (gradebook.db, feedback/), {troubled} need attention.")
    return 1 if troubled else 0


if __name__ == "__main__":
    sys.exit(main())
