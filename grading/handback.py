"""Feedback pages for learners: nbgrader's, without hidden tests and without ways to smuggle them out.

Promises: a page shows the learner's own cells with their outputs, the visible part of each test with its points,
one line for each failure, and the grader's comments. Hidden lines appear in no cell, output, error or comment;
where a submission is flagged, the outputs and messages of its kernel are left out until an instructor has looked.
"""

import ast
import builtins
import json
import re
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import ClearHiddenTests, GetGrades, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from grading.course import course_directory, settings
from grading.run import Course

HIDDEN = re.compile(r"BEGIN HIDDEN TESTS.*?END HIDDEN TESTS", re.DOTALL)
SHORT = 12  # characters; shorter lines of a hidden test say nothing
LONGEST = 300  # characters of an error message
SECRET = "submission_secret.txt"
SECRET_SIZE = 1024  # bytes, far more than nbgrader writes
OURS = {
    "Withheld",
    "NotRun",
    "NotServed",
    "TestEnded",
    "CellTimeoutError",
}  # errors whose text is the grader's
KNOWN_ERRORS = {name for name, value in vars(builtins).items() if isinstance(value, type)}
NOT_SHOWN = "[not shown here; run your notebook to see it]"
LEFT_OUT = "[left out: it quotes a hidden test]"
FLAGGED = "[left out until an instructor has looked at this submission]"


class HideTests(NbGraderPreprocessor):
    """Removes what a hidden test says from everything but the test cells (ClearHiddenTests does these).

    Set `hidden` (lines), `modes` (how each test was run) and `flagged` before use. Once a test has run inside the
    learner's kernel, its text may be anywhere there, in any disguise: from then on nothing that the kernel says
    is shown, neither outputs nor messages of its exceptions.
    """

    hidden: tuple[str, ...] = ()
    modes: dict[str, str] = {}  # noqa: RUF012
    flagged: bool = False

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Returns the notebook with outputs that a learner may see."""
        trusted = not self.flagged
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            test = cell.metadata.nbgrader.grade_id if is_grade(cell) and not is_solution(cell) else None
            trusted = trusted and self.modes.get(test) != "kernel"
            words = _assertions(cell.source) if test else set()
            outputs = [
                self._error(each, trusted, words) for each in cell.outputs if each.output_type == "error"
            ]
            if not test:
                others = [each for each in cell.outputs if each.output_type != "error"]
                outputs = [self._output(each, trusted) for each in others] + outputs
            cell.outputs = outputs
        return nb, resources

    def _output(self, output: NotebookNode, trusted: bool) -> NotebookNode:
        if not trusted:
            return new_output("stream", name="stdout", text=(FLAGGED if self.flagged else NOT_SHOWN) + "\n")
        text = json.dumps(output, ensure_ascii=False) + json.dumps(output)
        return new_output("stream", name="stdout", text=LEFT_OUT + "\n") if self._tells(text) else output

    def _error(self, output: NotebookNode, trusted: bool, words: set[str]) -> NotebookNode:
        name = output.ename if re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]{0,40}", output.ename) else "Error"
        message = output.evalue[:LONGEST]
        if name not in OURS and message not in words:
            if self._tells(output.evalue):
                message = LEFT_OUT
            elif not trusted and message:
                message = FLAGGED if self.flagged else NOT_SHOWN
                name = name if name in KNOWN_ERRORS else "Error"
        line = f"{name}: {message}".rstrip(": ")
        return new_output("error", ename=name, evalue=message, traceback=[line])

    def _tells(self, text: str) -> bool:
        plain = re.sub(r"\\[nrt]|[\s\\'\"]+", "", text)
        return any(each in plain for each in self.hidden)


def _assertions(source: str) -> set[str]:
    """The messages that a test's own assertions may show."""
    tree = ast.parse(source)
    found = [node.msg for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    return {node.value for node in found if isinstance(node, ast.Constant) and isinstance(node.value, str)}


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


def write_feedback(course: Course, assignment: str, students: list[str]) -> list[str]:
    """Writes `feedback/<student>/<assignment>/*.html` from the gradebook; returns students whose page failed."""
    results = course.book.results(assignment)
    notebooks = sorted((course.root / "solutions" / assignment).glob("*.ipynb"))
    pack = course.book.latest_pack(assignment)
    modes = (
        {test: mode for each in pack.notebooks.values() for test, mode in each.modes.items()} if pack else {}
    )
    hidden = {line for path in notebooks for line in hidden_text(nbformat.read(path, as_version=4))}
    failed = []
    for student in students:
        config = settings(course.root)
        step = GenerateFeedback(coursedir=course_directory(course.root, assignment, student), config=config)
        step.force = True
        hide = HideTests(parent=step)
        hide.hidden, hide.modes = tuple(hidden), modes
        hide.flagged = student in results and bool(results[student].flags)
        step.preprocessors = [GetGrades, hide, ClearHiddenTests, CSSHTMLHeaderPreprocessor]
        try:
            step.start()
            _lay_secret_beside(course, assignment, student)
        except Exception:
            failed.append(student)
    return failed


def _lay_secret_beside(course: Course, assignment: str, student: str) -> None:
    """The file by whose content a learner's machine finds the feedback; `nbgrader release_feedback` reads it here."""
    handed_in, page = (
        course.folder(what) / student / assignment / SECRET for what in ("submitted", "feedback")
    )
    if handed_in.is_file() and not any(path.is_symlink() for path in (handed_in, *handed_in.parents[:2])):
        page.write_bytes(handed_in.read_bytes()[:SECRET_SIZE])


def pages(course: Course, assignment: str, student: str) -> list[Path]:
    """The feedback pages that exist."""
    return sorted((course.folder("feedback") / student / assignment).glob("*.html"))
