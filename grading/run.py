"""Grades a class: Dask workers grade, this process merges.

What is unchanged since it was graded is not graded again, so a killed run resumes where it was; a submission
that cannot be graded is reported and stops no other; workers may die at any moment, all of them too: what
they held is graded by those that remain or return, and a run without workers ends with a sentence. The same
call grades on one machine or, with a scheduler's address, on many that share no disk (submissions and results
travel as bytes).
"""

import fnmatch
import hashlib
import json
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from distributed import Client, Future, LocalCluster, WorkerPlugin, get_worker
from nbgrader import api
from nbgrader.coursedir import CourseDirectory

from grading.calibrate import calibrate
from grading.course import course_directory
from grading.grading_process import GradingProcess
from grading.merge import Book
from grading.pack import DIGEST, Pack, build, code_digest
from grading.sandbox import Limits, choose, warning
from grading.submissions import Result, Submission, collect

PLUGIN = "grading"
PATIENCE = 60  # seconds to wait for the scheduler, and for its first worker
ABSENCE = 600  # seconds to wait for workers to return when all are gone
LOOK = 10  # seconds between two looks at whether any are there


class WorkersGone(ConnectionError):
    """All workers have left and none has come back; what was graded is kept."""


@dataclass(frozen=True)
class Course:
    """Where a course lies, its real gradebook, and nbgrader's view of its folders."""

    root: Path
    book: Book
    directory: CourseDirectory

    @classmethod
    def open(cls, root: Path) -> "Course":
        """The course in `root`, with nbgrader's settings for it."""
        directory = course_directory(root, "*")
        return cls(Path(root), Book(directory.db_url, directory.course_id), directory)

    def folder(self, what: str) -> Path:
        """nbgrader's folder `submitted`, `autograded` or `feedback`."""
        return self.root / getattr(self.directory, f"{what}_directory")

    def handed_in(self, assignment: str, students: str = "*") -> list[str]:
        """Students with a folder for the assignment whose id matches the pattern, or is it: "ana [b]"."""
        found = [path.parent.name for path in self.folder("submitted").glob(f"*/{assignment}")]
        return sorted(each for each in found if each == students or fnmatch.fnmatchcase(each, students))


class Warm(WorkerPlugin):
    """Keeps one warm grading process for each thread of a Dask worker, for the pack graded last."""

    def __init__(self) -> None:
        self._processes: dict[int, tuple[str, GradingProcess]] = {}

    def teardown(self, worker: Any) -> None:
        """Called when a worker ends."""
        for _, process in self._processes.values():
            process.close()

    def start(self) -> None:
        """Starts this thread's process ahead of its first pack."""
        thread = threading.get_ident()
        if thread not in self._processes:
            self._processes[thread] = "", GradingProcess()
            self._processes[thread][1].start()

    def process(self, pack: bytes) -> GradingProcess:
        """The warm process for the pack. Raises RuntimeError where the course has another version."""
        self.start()
        thread, key = threading.get_ident(), hashlib.sha256(pack).hexdigest()
        known, process = self._processes[thread]
        if known != key:
            unpacked = Pack.from_bytes(pack)
            if unpacked.code != code_digest():
                raise RuntimeError(
                    "a worker has another version of the course: install the same one everywhere."
                )
            process.take(unpacked)
            self._processes[thread] = key, process
        return process


def _warm() -> Warm:
    return get_worker().plugins.setdefault(PLUGIN, Warm())


def start_on_worker() -> None:
    """What a Dask worker does first, while the pack is still made."""
    _warm().start()


def grade_on_worker(pack: bytes, submission: bytes, learn: bool = False) -> bytes:
    """What a Dask worker does. It starts its processes itself, since a worker may die and another come."""
    return _warm().process(pack).grade(Submission(**json.loads(submission)), learn).to_bytes()


@contextmanager
def workers(count: int = 2, scheduler: str | None = None) -> Iterator[Client]:
    """Dask workers: `count` processes on this machine, or those of the scheduler at that address.

    Raises ValueError when no scheduler answers there, or it has no worker.
    """
    with (
        nullcontext() if scheduler else local_workers(count) as cluster,
        _client(scheduler or cluster) as client,
    ):
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise ValueError(
                f"no worker has joined the scheduler; start one: dask worker {scheduler}"
            ) from None
        starting = [
            client.submit(start_on_worker, workers=[address], pure=False)
            for address in client.scheduler_info(n_workers=-1)["workers"]
        ]
        yield client
        del starting  # held until here, since a task that nobody holds is forgotten


def local_workers(count: int) -> LocalCluster:
    """Worker processes of this machine, `count` of them at any time."""
    cluster = LocalCluster(
        n_workers=count, threads_per_worker=1, silence_logs=50, dashboard_address=":0", memory_limit=0
    )
    # Dask restarts a worker that dies, but gives up when the restart fails: the number is kept from above
    cluster.adapt(minimum=count, maximum=count)
    return cluster


def _client(where: Any) -> Client:
    try:
        return Client(where, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise ValueError(f"no Dask scheduler answers at {where} ({error}).") from None


class Sender:
    """Sends submissions to the workers, with one pack, which the scheduler keeps for later ones."""

    def __init__(self, client: Client, pack: Pack) -> None:
        self._client = client
        self._pack = client.submit(bytes, pack.to_bytes(), pure=False)

    def send(self, submission: Submission, learn: bool = False) -> Future:
        """Has it graded; `received` tells how it went."""
        data = json.dumps(asdict(submission)).encode()
        return self._client.submit(grade_on_worker, self._pack, data, learn, pure=False)


def received(future: Future, student: str) -> Result:
    """The result, waited for; where a worker could not give one, a result that says so."""
    try:
        return Result.from_bytes(future.result())
    except Exception as error:
        reason = f"its worker failed: {type(error).__name__}: {error}; grade again."
        return Result(student, reason=reason, unsettled=True)


def prepare(
    course: Course, assignment: str, client: Client, limits: Limits | None = None, sandbox: str = ""
) -> tuple[Pack, list]:
    """The calibrated pack, remembered or made, entered in the gradebook; and notes. Raises ValueError and
    WorkersGone.
    """
    fresh = build(course.root, assignment, limits, sandbox)
    known = course.book.pack(assignment, fresh.digest)
    if known is not None:
        return known, []

    def grade(pack: Pack, submission: Submission, learn: bool) -> Result:
        waiting = {Sender(client, pack).send(submission, learn): submission.student}
        [(future, student)] = _done(client, waiting)
        return received(future, student)

    pack, notes = calibrate(fresh, grade)
    course.book.keep_pack(pack)
    return pack, notes


def grade_class(
    course: Course, pack: Pack, client: Client, students: str = "*", again: bool = False
) -> Iterator[tuple[Result, int]]:
    """Grades what is new or changed, merges it, and yields each result with the number still to come.

    Raises WorkersGone.
    """
    assignment, done = pack.assignment, course.book.digests(pack.assignment)
    due = _due(course, assignment)
    waiting, left = {}, []
    for student in course.handed_in(assignment, students):
        submission = read(course, assignment, student, due(student))
        digest = _digest(pack, submission)
        if again or done.get(student) != digest:
            left.append((submission, digest))
    sender = Sender(client, pack)
    for submission, digest in left:
        waiting[sender.send(submission)] = submission.student, digest
    for future, (student, digest) in _done(client, waiting):
        result = received(future, student)
        course.book.merge(assignment, result, digest, course.folder("autograded"), replace=again)
        yield result, len(waiting)


def _done(client: Client, waiting: dict[Future, Any]) -> Iterator[tuple[Future, Any]]:
    """Takes the futures from `waiting` with their values, each as it is done. Raises WorkersGone.

    `distributed.wait` in a loop would begin to wait for all of them anew each time: gigabytes for a large
    class.
    """
    done: SimpleQueue[Future] = SimpleQueue()
    for future in waiting:
        future.add_done_callback(done.put)
    absent = 0
    while waiting:
        try:
            future = done.get(timeout=LOOK)
        except Empty:
            absent = 0 if client.scheduler_info()["workers"] else absent + LOOK
            if absent >= ABSENCE:
                raise WorkersGone(
                    f"all workers are gone for {ABSENCE} s, and {len(waiting)} submissions wait. "
                    "What is graded is kept: start workers and run the same command again."
                ) from None
        else:
            absent = 0
            yield future, waiting.pop(future)


def read(course: Course, assignment: str, student: str, due: str = "") -> Submission:
    """The submission as it lies in `submitted/`; `due` as in Submission."""
    folder = course.folder("submitted") / student / assignment
    if folder.is_symlink() or not folder.is_dir():
        return Submission(student, {}, ["the submission's folder is no folder"], due)
    files, notes = collect(folder)
    return Submission(student, {name: b64encode(data).decode() for name, data in files.items()}, notes, due)


def sandbox_warning() -> str:
    """What the instructor must know of the sandbox on this machine; nothing where all is well."""
    return warning(choose())


def _digest(pack: Pack, submission: Submission) -> str:
    """The pack's digest, and after it the submission's."""
    content = json.dumps([submission.files, submission.notes, submission.due], sort_keys=True)
    return pack.digest + hashlib.sha256(content.encode()).hexdigest()[:DIGEST]


def _due(course: Course, assignment: str) -> Callable[[str], str]:
    """When the assignment is due for a student, by the real gradebook: its date, the student's extension."""
    with course.book.transaction() as session:
        work = session.query(api.Assignment).filter_by(name=assignment).one()
        date = work.duedate
        extra = {each.student_id: each.extension for each in work.submissions if each.extension}
    return lambda student: (date + extra.get(student, timedelta())).isoformat() if date else ""
