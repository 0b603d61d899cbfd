"""A warm grader: one process that has nbgrader imported, and forks for each submission.

`Desk` is the handle that a Dask worker (or a test) holds. Promises: `grade` always returns a result, in bounded
time, whatever happens to the processes below; when the handle's process dies, everything below dies too. Knows
nothing of Dask and the gradebook. The process itself is `python -m grading.desk <descriptor>`.
"""

import contextlib
import copy
import gc
import os
import resource
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from dataclasses import asdict

import nbformat

from grading import worker
from grading.frames import Closed, receive, send
from grading.pack import Pack
from grading.sandbox import ROOT, WarmProcess, choose
from grading.submissions import Result, Submission
from grading.zygote import PR_SET_PDEATHSIG, prctl

MARGIN = 120.0  # seconds beyond the notebooks' own limits
MEMORY = 3 << 30  # bytes that grading one submission may take, outside of its sandbox


class Desk:
    """Grades one submission after another. Close it, or use it as a context."""

    def __init__(self, pack: Pack | None = None) -> None:
        self._line: socket.socket | None = None
        self._process: subprocess.Popen | None = None
        if pack is not None:
            self.take(pack)

    def take(self, pack: Pack) -> None:
        """Grades with another pack from now on; the process stays, since its imports take seconds."""
        self._pack = pack
        self._seconds = pack.limits.notebook_seconds * len(pack.notebooks) + MARGIN
        if self._line is not None:
            try:
                self._hand_over()
            except (Closed, TimeoutError):
                self.close()

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def grade(self, submission: Submission, learn: bool = False) -> Result:
        """The submission's result. `learn` also notes what the notebook loads (for `grading.calibrate`)."""
        try:
            self._open()
            send(self._line, {"do": "grade", "submission": asdict(submission), "learn": learn})
            answer, _ = receive(self._line, self._seconds + MARGIN)
            return Result(**answer)
        except (Closed, TimeoutError):
            self.close()
            return Result(
                submission.student, reason="the grader's process ended; run the grader again.", unsettled=True
            )

    def start(self) -> None:
        """Starts the process, whose imports take seconds, and does not wait for it; `take` comes next."""
        self.close()
        self._line, theirs = socket.socketpair()
        command = [sys.executable, "-W", "ignore", "-m", "grading.desk", str(theirs.fileno())]
        variables = os.environ | {"PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], env=variables, stdin=subprocess.DEVNULL
        )
        theirs.close()

    def warm_up(self) -> list[str]:
        """Starts everything that is slow to start; returns what could not be prepared."""
        self._open()
        send(self._line, {"do": "warm"})
        return receive(self._line, self._seconds)[0]["notes"]

    def close(self) -> None:
        """Ends the process and everything below it."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self._process.kill()
            self._process.wait()
        self._line = self._process = None

    def _open(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self.start()
        self._hand_over()

    def _hand_over(self) -> None:
        send(self._line, {"do": "pack", "pack": self._pack.to_bytes().decode()})
        receive(self._line, MARGIN)


class _Office:
    """The process behind a Desk."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._kernel: WarmProcess | None = None
        self._examiners: dict[str, WarmProcess] = {}
        self._practised = False

    def run(self) -> None:
        """Serves until the handle is closed."""
        try:
            while True:
                message, _ = receive(self._line)
                send(self._line, getattr(self, f"on_{message['do']}")(message))
        except Closed:
            pass
        finally:
            self._close()

    def on_pack(self, message: dict) -> dict:
        self._close()
        self._pack = Pack.from_bytes(message["pack"].encode())
        kind = choose(self._pack.sandbox or None)
        self._kernel = WarmProcess("kernel", kind, self._pack.limits, {"preload": self._pack.preload})
        self._examiners = {
            name: WarmProcess("examiner", kind, self._pack.limits, {"exam": each.exam})
            for name, each in self._pack.notebooks.items()
        }
        return {}

    def on_warm(self, _: dict) -> dict:
        return {"notes": [note for each in self._warm() for note in each.notes]}

    def on_grade(self, message: dict) -> dict:
        """Forks; the child grades and sends the result through a pipe."""
        warm = self._warm()
        submission = Submission(**message["submission"])
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child == 0:
            try:
                ours.close()
                self._work(submission, message["learn"], theirs)
            finally:
                os._exit(0)
        theirs.close()
        seconds = self._pack.limits.notebook_seconds * len(self._pack.notebooks) + MARGIN
        finished, answer = False, {}
        try:
            answer, _ = receive(ours, seconds)
            finished = True
        except TimeoutError:
            answer = asdict(Result(submission.student, reason=f"grading took longer than {seconds:g} s."))
        except Closed:
            answer = asdict(Result(submission.student, reason="grading it ended the grader's process."))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for each in warm:
            if not finished or not each.quiet():  # the child has ended it, or left a conversation unfinished
                each.close()
        return answer

    def _close(self) -> None:
        for each in filter(None, (self._kernel, *self._examiners.values())):
            each.close()

    def _warm(self) -> list:
        warm = [self._kernel, *self._examiners.values()]
        for each in warm:
            each.prepare()
        if not self._practised:
            self._practised = True
            self._practise()
        return warm

    def _practise(self) -> None:
        """Grades an empty notebook once, so that each child finds all that is loaded on first use."""
        files = {
            f"{name}.ipynb": _emptied(each.release_notebook) for name, each in self._pack.notebooks.items()
        }
        worker.grade(self._pack, Submission("practice", files), self._kernel, self._examiners)
        gc.collect()
        gc.freeze()  # children share these pages as long as nobody touches them

    def _work(self, submission: Submission, learn: bool, pipe: socket.socket) -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        result = worker.grade(self._pack, submission, self._kernel, self._examiners, learn)
        send(pipe, asdict(result))


def _emptied(release: nbformat.NotebookNode) -> str:
    """The released notebook without any code, as a submission holds it; its tests fail at once."""
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        cell.source = ""
    return b64encode(nbformat.writes(notebook).encode()).decode()


def main() -> None:
    """Runs the process behind a Desk on the descriptor that the command line names."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Office(socket.socket(fileno=int(sys.argv[1]))).run()


if __name__ == "__main__":
    main()
