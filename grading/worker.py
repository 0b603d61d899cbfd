"""Grades one submission: nbgrader's own preprocessors against a throw-away gradebook.

Promises: always a `Result`, whatever was handed in; nothing outside of a temporary folder is written. Knows the
sandbox by its door only, and nothing of other submissions, the real gradebook and Dask.
"""

import io
import logging
import tarfile
import tempfile
import time
import traceback
import zlib
from base64 import b64decode, b64encode
from datetime import datetime
from pathlib import Path

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader import preprocessors
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc
from traitlets.config import Config
from traitlets.log import get_logger

from grading.check import check, grade_id_of
from grading.execute import SandboxExecute
from grading.integrity import Withhold, exercises, look
from grading.pack import Pack, PackedNotebook
from grading.sandbox import WarmProcess
from grading.skip import skippable
from grading.submissions import ATTENTION, GRADED, Damaged, Result, Submission, find_notebook


def grade(
    pack: Pack,
    submission: Submission,
    kernel: WarmProcess,
    examiners: dict[str, WarmProcess],
    learn: bool = False,
) -> Result:
    """Grades `submission` in `kernel`'s sandbox; `examiners` has one warm process for each notebook.

    `learn` fills `result.learned` with what the kernel showed, for `grading.calibrate`.
    """
    began = time.monotonic()
    result = Result(submission.student, notes=list(submission.notes))
    errors = _quiet_log()
    try:
        with tempfile.TemporaryDirectory(prefix="grading-") as root:
            _grade(pack, submission, kernel, examiners, Path(root), result, learn)
    except Damaged as reason:
        result.reason = str(reason)
    except NbGraderException as error:
        result.reason = f"nbgrader failed: {(errors or [str(error)])[0]}"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        result.reason = (
            f"the grader failed: {type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        )
    result.status = ATTENTION if result.reason else GRADED
    result.seconds = time.monotonic() - began
    return result


def _grade(pack, submission, kernel, examiners, root: Path, result: Result, learn: bool) -> None:
    files = submission.contents()
    folder = root / "submitted" / "student" / pack.assignment
    tampered: dict[str, dict[str, str]] = {}
    for name, packed in pack.notebooks.items():
        release = packed.release_notebook
        data = find_notebook(name, files, result.notes, {grade_id_of(cell) for cell in release.cells} - {""})
        checked = check(data, release, packed.source_notebook)
        _write(folder / f"{name}.ipynb", nbformat.writes(checked.notebook).encode())
        result.notes += checked.notes
        result.looks += look(checked.notebook)
        tampered[name] = checked.tampered
    beside = {name: data for name, data in files.items() if not name.endswith(".ipynb")}
    result.timestamp = _timestamp(beside.pop("timestamp.txt", b""), result.notes)
    if result.timestamp:
        _write(folder / "timestamp.txt", result.timestamp.encode())
    given = {name: b64decode(data) for name, data in pack.files.items()}
    (root / "source" / pack.assignment).mkdir(parents=True)
    (root / "gradebook.db").write_bytes(pack.database_bytes())
    database = f"sqlite:///{root}/gradebook.db"
    with Gradebook(database) as gradebook:
        gradebook.add_student("student")
        if submission.due:
            gradebook.find_assignment(pack.assignment).duedate = datetime.fromisoformat(submission.due)
        gradebook.add_submission(pack.assignment, "student")
    runs = [
        _autograde(
            pack,
            name,
            root,
            database,
            kernel,
            examiners[name],
            _archive(beside | given),
            tampered[name],
            learn,
        )
        for name in pack.notebooks
    ]
    _collect(pack, root, database, result)
    for (execute, withhold), name in zip(runs, pack.notebooks, strict=True):
        result.flags |= {f"{name}/{test}": why for test, why in withhold.flags.items()}
        for test, points in withhold.withheld.items():
            result.cells[name][test]["withheld"] = points
        if learn:
            result.learned[name] = {"bindings": execute.bindings, "modules": execute.modules}
        if execute.trouble and not result.reason:
            result.reason = f"{execute.trouble}; the rest of {name} was not run."


def _autograde(pack, name, root, database, kernel, examiner, archive, tampered, learn):
    """Runs nbgrader's Autograde on one notebook."""
    packed = pack.notebooks[name]
    config = Config({section: Config(values) for section, values in pack.config.items()})
    course = CourseDirectory(
        root=str(root), db_url=database, assignment_id=pack.assignment, student_id="student", notebook_id=name
    )
    notebook = nbformat.read(
        Path(course.format_path("submitted", "student", pack.assignment)) / f"{name}.ipynb", 4
    )
    step = Autograde(coursedir=course, config=config)
    execute = SandboxExecute(parent=step)
    execute.kernel, execute.examiner, execute.files, execute.learn = kernel, examiner, archive, learn
    execute.skipped = skippable(notebook, _names(packed), packed.given)
    execute.modes, execute.names, execute.bindings = packed.modes, packed.names, dict(packed.bindings)
    withhold = Withhold(parent=step)
    withhold.groups = exercises(packed.source_notebook)
    withhold.evidence = execute.evidence = {test: [how] for test, how in tampered.items()}
    step.autograde_preprocessors = [
        execute,
        preprocessors.IgnorePattern,
        ClearMetadataPreprocessor,
        preprocessors.LimitOutput,
        withhold,
        preprocessors.SaveAutoGrades,
        preprocessors.AssignLatePenalties,
        preprocessors.CheckCellMetadata,
    ]
    step.start()
    return execute, withhold


def _names(packed: PackedNotebook) -> set[str]:
    """What the tests take from the learner's kernel."""
    return {name for need in packed.exam["tests"].values() for name in need["remote"]}


def _collect(pack: Pack, root: Path, database: str, result: Result) -> None:
    with Gradebook(database) as gradebook:
        for name in pack.notebooks:
            graded = gradebook.find_submission_notebook(name, pack.assignment, "student")
            result.late[name] = graded.late_submission_penalty
            result.cells[name] = {
                each.name: {
                    "score": each.auto_score,
                    "max": each.max_score,
                    "manual": bool(each.needs_manual_grade),
                }
                for each in graded.grades
            }
            result.comments[name] = {each.name: each.auto_comment for each in graded.comments}
            path = root / "autograded" / "student" / pack.assignment / f"{name}.ipynb"
            result.notebooks[name] = path.read_text("utf-8")
            for cell in nbformat.reads(result.notebooks[name], as_version=4).cells:
                about = result.cells[name].get(grade_id_of(cell))
                if about is not None:
                    about["answer"] = zlib.crc32(cell.source.encode())
                    errors = [each for each in cell.get("outputs", []) if each.output_type == "error"]
                    about["error"] = (
                        f"{errors[-1].ename}: {errors[-1].evalue}".rstrip(": ")[:300] if errors else ""
                    )


def _quiet_log() -> list[str]:
    """Keeps nbgrader's log off the screen; the list holds the last line of each traceback in it."""
    errors: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: errors.extend(
        record.getMessage().strip().splitlines()[-1:] if "Traceback" in record.getMessage() else []
    )
    log = get_logger()
    log.handlers, log.propagate = [handler], False
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    return errors


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _timestamp(data: bytes, notes: list[str]) -> str:
    text = data.decode("ascii", "ignore").strip()[:40]
    try:
        parse_utc(text or None)
    except (ValueError, OverflowError, TypeError):
        notes.append(f"the timestamp {text!r} is no time; it was ignored")
        return ""
    return text


def _archive(files: dict[str, bytes]) -> str:
    """A tar archive, base64."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return b64encode(buffer.getvalue()).decode()
