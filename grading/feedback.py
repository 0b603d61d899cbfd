"""Feedback pages for learners: nbgrader's, without hidden tests and without ways to smuggle them out.

A page shows the learner's own cells with their outputs, the visible part of each test with its points, one
line for each failure, and the grader's comments. Hidden lines appear in no cell, output, error or comment;
mark schemes, which hold answers, stay with the graders.
"""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, GetGrades, NbGraderPreprocessor

from grading.course import course_directory, settings
from grading.skip import is_test

if TYPE_CHECKING:
    from grading.run import Course  # nbgrader reads this module for its settings, and needs no Dask

HIDDEN = re.compile(r"BEGIN HIDDEN TESTS.*?END HIDDEN TESTS", re.DOTALL)
SHORT = 12  # characters; shorter lines of a hidden test say nothing
LONGEST = 300  # characters of an error message
SECRET = "submission_secret.txt"
SECRET_SIZE = 1024  # bytes, far more than nbgrader writes
LEFT_OUT = "[left out: it quotes a hidden test]"


class HideTests(NbGraderPreprocessor):
    """Removes what a hidden test says from everything but the test cells (ClearHiddenTests does these).

    Every error becomes one line, since a traceback quotes the test; what tests print is left out. Hidden
    tests never reach the learner's process, so its outputs cannot hold them: `hidden`, lines to be left out
    wherever they stand, is the second lock.
    """

    hidden: tuple[str, ...] = ()

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Returns the notebook with outputs that a learner may see."""
        for cell in (cell for cell in nb.cells if cell.cell_type == "code"):
            errors = [self._error(each) for each in cell.outputs if each.output_type == "error"]
            others = [each for each in cell.outputs if each.output_type != "error" and not is_test(cell)]
            cell.outputs = [self._output(each) for each in others] + errors
        return nb, resources

    def _output(self, output: NotebookNode) -> NotebookNode:
        text = json.dumps(output, ensure_ascii=False) + json.dumps(output)
        return new_output("stream", name="stdout", text=LEFT_OUT + "\n") if self._tells(text) else output

    def _error(self, output: NotebookNode) -> NotebookNode:
        name = output.ename if re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]{0,40}", output.ename) else "Error"
        message = LEFT_OUT if self._tells(output.evalue) else output.evalue[:LONGEST]
        line = f"{name}: {message}".rstrip(": ")
        return new_output("error", ename=name, evalue=message, traceback=[line])

    def _tells(self, text: str) -> bool:
        plain = re.sub(r"\\[nrt]|[\s\\'\"]+", "", text)
        return any(each in plain for each in self.hidden)


STEPS = (GetGrades, HideTests, ClearHiddenTests, ClearMarkScheme, CSSHTMLHeaderPreprocessor)  # to a page


class _Pages(GenerateFeedback):
    """nbgrader's step for one student, whose id may hold what means something else in a file pattern."""

    def init_notebooks(self) -> None:
        """Finds the notebooks of that student alone."""
        folder = Path(self._format_source(self.coursedir.assignment_id, self.coursedir.student_id))
        self.notebooks = []
        self.assignments = {str(folder): sorted(map(str, folder.glob("*.ipynb")))}


def bare(text: str) -> str:
    """The text without blanks, quotes and backslashes, which printing may change."""
    return re.sub(r"[\s\\'\"]+", "", text)


def hidden_text(source: NotebookNode) -> tuple[str, ...]:
    """Lines of the hidden tests, without blanks and quotes, long enough to be told from ordinary output."""
    found = set()
    for cell in source.cells:
        for region in HIDDEN.findall(cell.source):
            lines = [bare(line) for line in region.split("\n")[1:-1]]
            found |= {line for line in lines if len(line) >= SHORT}
    return tuple(sorted(found))


def write_feedback(course: "Course", assignment: str, students: list[str]) -> list[str]:
    """Writes `feedback/<student>/<assignment>/*.html` from the gradebook; gives those whose page failed."""
    notebooks = sorted((course.root / "solutions" / assignment).glob("*.ipynb"))
    hidden = {line for path in notebooks for line in hidden_text(nbformat.read(path, as_version=4))}
    failed = []
    for student in students:
        config = settings(course.root)
        step = _Pages(coursedir=course_directory(course.root, assignment, student), config=config)
        step.force = True
        hide = HideTests(parent=step)
        hide.hidden = tuple(hidden)
        step.preprocessors = [hide if each is HideTests else each for each in STEPS]
        try:
            step.start()
            _lay_secret_beside(course, assignment, student)
        except Exception:
            failed.append(student)
    return failed


def without_page(course: "Course", assignment: str, students: list[str]) -> list[str]:
    """Those whose page is missing or older than the graded notebook, as after a run that was killed."""
    graded, pages = course.folder("autograded"), course.folder("feedback")
    found = []
    for student in students:
        notebooks = (graded / student / assignment).glob("*.ipynb")
        pairs = [(pages / student / assignment / f"{path.stem}.html", path) for path in notebooks]
        if any(not page.is_file() or page.stat().st_mtime < path.stat().st_mtime for page, path in pairs):
            found.append(student)
    return found


def _lay_secret_beside(course: "Course", assignment: str, student: str) -> None:
    """The file by whose content a learner's machine finds the feedback, for `nbgrader release_feedback`."""
    handed_in, page = (
        course.folder(what) / student / assignment / SECRET for what in ("submitted", "feedback")
    )
    if handed_in.is_file() and not any(path.is_symlink() for path in (handed_in, *handed_in.parents[:2])):
        page.write_bytes(handed_in.read_bytes()[:SECRET_SIZE])
