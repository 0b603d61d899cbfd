"""Grades one submission, as nbgrader would, without its gradebook: a check, a run, and points from the
outputs.

There is always a `Result`, whatever was handed in; nothing is written but what the sandbox writes into
itself.
"""

import logging
import time
import traceback
import zlib
from datetime import datetime
from itertools import takewhile

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import IgnorePattern, LimitOutput
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from traitlets.config import Config

from grading.check import Checked, check, grade_id_of
from grading.execution import Execution, error_output
from grading.pack import Pack, PackedNotebook
from grading.review import TAMPERED, look
from grading.sandbox import Sandbox
from grading.skip import is_test, skippable
from grading.submissions import ATTENTION, GRADED, Damaged, Result, Submission, find_notebook
from grading.timestamps import to_utc

LOG = logging.getLogger(__name__)
WITHHELD = "the points count once an instructor has looked: {why}"


def grade(
    pack: Pack, submission: Submission, learner: Sandbox, testers: dict[str, Sandbox], learn: bool = False
) -> Result:
    """Grades `submission` in the sandbox `learner`; `testers` has one sandbox for the tests of each notebook.

    `learn` fills `result.learned` with what the run showed, for `grading.calibrate`.
    """
    began = time.monotonic()
    result = Result(submission.student, notes=list(submission.notes))
    try:
        _grade(pack, submission, learner, testers, result, learn)
    except Damaged as reason:
        result.reason = str(reason)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        result.reason = (
            f"the grader failed: {type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        )
    result.status = ATTENTION if result.reason else GRADED
    result.seconds = time.monotonic() - began
    return result


def _grade(pack, submission, learner, testers, result: Result, learn: bool) -> None:
    files = submission.contents()
    checked: dict[str, Checked] = {}
    for name, packed in pack.notebooks.items():
        release = packed.release_notebook
        data = find_notebook(name, files, result.notes, {grade_id_of(cell) for cell in release.cells} - {""})
        checked[name] = check(data, release, packed.source_notebook)
        result.notes += checked[name].notes
        result.looks += look(checked[name].notebook)
    result.timestamp = _timestamp(files.get("timestamp.txt", b""), result.notes)
    own = (name for name in submission.files if not name.endswith(".ipynb") and name != "timestamp.txt")
    beside = {name: submission.files[name] for name in own} | pack.files
    for name, packed in pack.notebooks.items():
        notebook = _with_originals(checked[name].notebook, packed)
        skipped = skippable(notebook, packed.remote_names)
        run = Execution(notebook, learner, testers[name], beside, skipped)
        run.run(learn)
        _score(notebook, name, pack, checked[name].tampered, result)
        result.late[name] = _penalty(pack, submission, result, name)
        if learn:
            result.learned[name] = {"modules": run.modules, "slowest": run.slowest, "whole": run.whole}
        if run.trouble and not result.reason:
            result.reason = f"{run.trouble}; the rest of {name} was not run."


def _with_originals(notebook: NotebookNode, packed: PackedNotebook) -> NotebookNode:
    """With the instructor's tests and questions, hidden tests and mark schemes included."""
    full = {grade_id_of(cell): cell for cell in packed.source_notebook.cells}
    for cell in notebook.cells:
        if is_test(cell) or is_task(cell):
            cell.source = full[grade_id_of(cell)].source
    return notebook


def _answer(cells: list[NotebookNode], place: int) -> int:
    """A checksum of what the learner wrote there; for a question, in the cells without grades below it."""
    below = takewhile(lambda cell: not grade_id_of(cell), cells[place + 1 :])
    written = below if is_task(cells[place]) else [cells[place]]
    return zlib.crc32("\n".join(cell.source for cell in written).encode())


def _score(notebook: NotebookNode, name: str, pack: Pack, tampered: dict[str, str], result: Result) -> None:
    """Fills the result's cells, comments, flags and the graded notebook, from the outputs."""
    config = Config({section: Config(values) for section, values in pack.config.items()})
    notebook, _ = IgnorePattern(config=config).preprocess(notebook, {}) if _ignores(pack) else (notebook, {})
    notebook, _ = LimitOutput(config=config).preprocess(notebook, {})
    cells, comments = result.cells.setdefault(name, {}), result.comments.setdefault(name, {})
    for place, cell in enumerate(notebook.cells):
        grade_id = grade_id_of(cell)
        if is_solution(cell) or is_task(cell):
            blank = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell)
            comments[grade_id] = "No response." if blank else None
        if is_task(cell):
            score, most = None, float(cell.metadata.nbgrader.points)
        elif is_grade(cell):
            score, most = determine_grade(cell, LOG)
        else:
            continue
        about = {
            "score": score,
            "max": most,
            "manual": score is None,
            "answer": _answer(notebook.cells, place),
        }
        if is_test(cell) and grade_id in tampered:
            why = result.flags[f"{name}/{grade_id}"] = TAMPERED[tampered[grade_id]]
            about |= {"withheld": score, "score": 0.0} if score else {}
            cell.outputs = [error_output("Withheld", WITHHELD.format(why=why)), *cell.outputs]
        errors = [each for each in cell.get("outputs", []) if each.output_type == "error"]
        about["error"] = f"{errors[-1].ename}: {errors[-1].evalue}".rstrip(": ")[:300] if errors else ""
        cells[grade_id] = about
    result.notebooks[name] = nbformat.writes(notebook)


def _ignores(pack: Pack) -> bool:
    return bool(pack.config.get("IgnorePattern", {}).get("enabled"))


def _penalty(pack: Pack, submission: Submission, result: Result, name: str) -> float | None:
    """What nbgrader's `LateSubmissionPlugin`, as the course sets it, takes away; at most all points."""
    if not submission.due or not result.timestamp:
        return None
    late = (to_utc(result.timestamp) - datetime.fromisoformat(submission.due)).total_seconds()
    if late <= 0:
        return None
    points = sum(about["score"] or 0.0 for about in result.cells[name].values())
    plugin = LateSubmissionPlugin(
        config=Config({"LateSubmissionPlugin": Config(pack.config.get("LateSubmissionPlugin", {}))})
    )
    penalty = plugin.late_submission_penalty(submission.student, points, late)
    return None if penalty is None else min(max(0.0, penalty), points)


def _timestamp(data: bytes, notes: list[str]) -> str:
    text = data.decode("ascii", "ignore").strip()[:60]
    if not text:
        if data.strip():
            notes.append("the timestamp is no time; it was ignored")
        return ""
    try:
        return f"{to_utc(text)} UTC"
    except (ValueError, OverflowError) as error:
        notes.append(f"the timestamp {text!r} is no time that can be read, and was ignored: {error}")
        return ""
