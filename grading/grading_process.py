"""The process that grades: it has nbgrader imported and the sandboxes warm, and takes one submission after
another.

`GradingProcess` is the handle that a Dask worker (or a test) holds. `grade` returns a result in bounded time
whatever happens to the processes below; when the handle's process dies, everything below dies too.
"""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
from dataclasses import asdict

from config import ROOT
from grading.fork_server import PR_SET_PDEATHSIG, prctl
from grading.messages import Closed, receive, send
from grading.pack import Pack
from grading.sandbox import Sandbox, choose
from grading.submissions import Result, Submission

RUNS = 2  # of a notebook at most: again where a name was missed
MARGIN = 240.0  # seconds beyond the notebooks' own limits, the start of the sandboxes included
MEMORY = 4 << 30  # bytes that grading may take, outside of its sandboxes


class GradingProcess:
    """Grades one submission after another. Close it, or use it as a context."""

    def __init__(self, pack: Pack | None = None) -> None:
        self._line: socket.socket | None = None
        self._process: subprocess.Popen | None = None
        if pack is not None:
            self.take(pack)

    def take(self, pack: Pack) -> None:
        """Grades with another pack from now on; the process stays, since its imports take seconds."""
        self._pack = pack
        self._seconds = RUNS * pack.limits.notebook_seconds * len(pack.notebooks) + MARGIN
        if self._line is not None:
            self._hand_over()

    def __enter__(self) -> "GradingProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def grade(self, submission: Submission, learn: bool = False) -> Result:
        """The submission's result. `learn` also notes what the notebook loads (for `grading.calibrate`)."""
        try:
            self._open()
            send(self._line, {"submission": asdict(submission), "learn": learn})
            return Result(**receive(self._line, self._seconds))
        except TimeoutError:
            self.close()
            return Result(submission.student, reason=f"grading took longer than {self._seconds:g} s.")
        except Closed:
            self.close()
            reason = "the grader's process ended; run the grader again."
            return Result(submission.student, reason=reason, unsettled=True)

    def start(self) -> None:
        """Starts the process, whose imports take seconds, and does not wait for it; `take` comes next."""
        self.close()
        self._line, theirs = socket.socketpair()
        command = [sys.executable, "-W", "ignore", "-m", "grading.grading_process", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
        )
        theirs.close()

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
        if self._process is None or self._process.poll() is not None:
            self.start()
            self._hand_over()

    def _hand_over(self) -> None:
        try:
            send(self._line, {"pack": self._pack.to_bytes().decode()})
        except Closed:  # `grade` starts another
            self.close()


def serve(line: socket.socket) -> None:
    """Takes packs and grades submissions until the handle is closed."""
    from grading.grade import grade

    pack, sandboxes, testers = None, [], {}
    try:
        while True:
            message = receive(line)
            if "pack" in message:
                for each in sandboxes:
                    each.close()
                pack = Pack.from_bytes(message["pack"].encode())
                kind = choose(pack.sandbox or None)
                learner = Sandbox("learner", kind, pack.limits, {"preload": pack.preload})
                testers = {
                    name: Sandbox("test", kind, pack.limits, {"exam": each.exam})
                    for name, each in pack.notebooks.items()
                }
                sandboxes = [learner, *testers.values()]
            else:
                result = grade(pack, Submission(**message["submission"]), learner, testers, message["learn"])
                if message["learn"]:
                    result.notes += [note for each in sandboxes for note in each.notes]
                send(line, asdict(result))
    except Closed:
        pass
    finally:
        for each in sandboxes:
            each.close()


def main() -> None:
    """Runs the process behind a GradingProcess on the descriptor that the command line names."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    serve(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
