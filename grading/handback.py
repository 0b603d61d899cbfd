"""Feedback pages for learners: nbgrader's, without hidden tests and without ways to smuggle them out.

Promises: a page shows the learner's own cells with their outputs, the visible part of each test with its points,
one line for each failure, and the grader's comments. Hidden lines appear in no cell, output, error or comment;
where a submission is flagged, the outputs and messages of its kernel are left out until an instructor has looked.
"""

import json
import re
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import ClearHiddenTests, GetGrades, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from grading.course import course_directory, settings
from grading.run import Course

HIDDEN = re.compile(r"BEGIN HIDDEN TESTS.*?END HIDDEN TESTS", re.DOTALL)
SHORT = 12  # characters; shorter lines of a hidden test say nothing
LONGEST = 300  # characters of an error message
LEFT_OUT = "[left out: it quotes a hidden test]"
FLAGGED = "[left out until an instructor has looked at this submission]"


class HideTests(NbGraderPreprocessor):
    """Removes what a hidden test says from everything but the test cells (ClearHiddenTests does these).

    Set `hidden` (lines and names) and `flagged` before use.
    """

    hidden: tuple[str, ...] = ()
    flagged: bool = False

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Returns the cell with outputs that a learner may see."""
        if cell.cell_type == "code":
            test = is_grade(cell) and not is_solution(cell)
            cell.outputs = [shown for each in cell.outputs for shown in self._shown(each, test)]
        return cell, resources

    def _shown(self, output: NotebookNode, test: bool) -> list[NotebookNode]:
        if output.output_type == "error":
            message = self._message(output)
            output.evalue, output.traceback = message, [f"{output.ename}: {message}".rstrip(": ")]
            output.ename = output.ename if re.fullmatch(r"[A-Za-z_][\w.]{0,60}", output.ename) else "Error"
            return [output]
        if test:
            return []  # what a test printed is the test's
        if self.flagged:
            return [nbformat.v4.new_output("stream", name="stdout", text=FLAGGED + "\n")]
        text = json.dumps(output, ensure_ascii=False) + json.dumps(output)
        return (
            [nbformat.v4.new_output("stream", name="stdout", text=LEFT_OUT + "\n")]
            if self._tells(text)
            else [output]
        )

    def _message(self, output: NotebookNode) -> str:
        if output.ename == "Withheld":
            return output.evalue
        if self.flagged:
            return FLAGGED
        return LEFT_OUT if self._tells(output.evalue) else output.evalue[:LONGEST]

    def _tells(self, text: str) -> bool:
        plain = re.sub(r"\\[nrt]|[\s\\'\"]+", "", text)
        return any(each in plain for each in self.hidden)


def hidden_text(source: NotebookNode) -> tuple[str, ...]:
    """Lines of the hidden tests, without blanks and quotes, long enough to be told from ordinary output."""
    found = set()
    for cell in source.cells:
        for region in HIDDEN.findall(cell.source):
            lines = [re.sub(r"[\s\\'\"]+", "", line) for line in region.split("\n")[1:-1]]
            found |= {line for line in lines if len(line) >= SHORT}
    return tuple(sorted(found))


def write_feedback(course: Course, assignment: str, students: list[str]) -> list[str]:
    """Writes `feedback/<student>/<assignment>/*.html` from the gradebook; returns students whose page failed."""
    results = course.book.results(assignment)
    notebooks = sorted((course.root / "solutions" / assignment).glob("*.ipynb"))
    hidden = {line for path in notebooks for line in hidden_text(nbformat.read(path, as_version=4))}
    failed = []
    for student in students:
        config = settings(course.root)
        step = GenerateFeedback(coursedir=course_directory(course.root, assignment, student), config=config)
        step.force = True
        hide = HideTests(parent=step)
        hide.hidden, hide.flagged = (
            tuple(hidden),
            bool(results[student].flags) if student in results else False,
        )
        step.preprocessors = [GetGrades, ClearHiddenTests, hide, CSSHTMLHeaderPreprocessor]
        try:
            step.start()
        except Exception:
            failed.append(student)
    return failed


def pages(course: Course, assignment: str, student: str) -> list[Path]:
    """The feedback pages that exist."""
    return sorted((course.folder("feedback") / student / assignment).glob("*.html"))
