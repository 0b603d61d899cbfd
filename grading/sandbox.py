"""Where learners' code runs: bubblewrap where it works, limits (and a loud warning) where it does not.

Code in the sandbox has no network beyond itself and sees the system's libraries, this Python and the course's
own packages, read-only, and an empty home that vanishes; not the solutions, the gradebook, other submissions
or the rest of the disk. A `Sandbox` holds a fork server, which forks a child for each submission.
"""

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from config import ROOT
from grading.messages import Closed, receive, send

COURSE = ("grading", "helpers", "config.py", "prebuilt")  # all of the repository that learners' code may read
SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/fonts", "/etc/ld.so.cache", "/etc/alternatives")
HOME = "/home/learner"
START, STOP = 120.0, 30.0  # seconds that a fork server may take to answer
TOLD = 2.0  # seconds within which it tells of the end of a child
KILLED_WATCH = "the process that watches over the notebook was killed"
WARNING = (
    "WARNING: bubblewrap does not work here, so submissions run with {kept} only{lost}. Install bubblewrap, "
    "or grade inside a container of its own that holds no secrets."
)


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Bytes and seconds."""

    memory: int = 4 << 30
    file: int = 64 << 20
    disk: int = 512 << 20
    processes: int = 256
    output: int = 2 << 20  # of one notebook
    cell_seconds: float = 300.0  # until the solution was measured, see `calibrate`
    live_seconds: float = 60.0  # of a given cell, in the rare notebook where all cells run
    late_seconds: float = 60.0  # of all cells that run out of time, together
    notebook_seconds: float = 1800.0  # until the solution was measured
    answer_seconds: float = 30.0  # to come back from an interrupt: ample for a busy machine

    def for_child(self) -> dict:
        """What a fork server enforces on its child."""
        whole = {"memory": self.memory, "file": self.file, "processes": self.processes}
        return whole | {"processor": int(self.notebook_seconds * 2) + 10}


class Ended(ConnectionError):
    """The process in the sandbox has ended; the text says why."""


def readable() -> list[str]:
    """Paths outside of the home that code in the sandbox may read, links resolved where they matter."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(Path(sys.executable).resolve().parents[1])}
    course = [str(ROOT / name) for name in COURSE]
    return [path for path in (*SYSTEM, *sorted(prefixes), *course) if os.path.exists(path)]


def bubblewrap(command: list[str], limits: Limits) -> list[str]:
    """`command` inside bubblewrap."""
    mounts: list[str] = []
    for path in readable():
        if os.path.islink(path):
            mounts += ["--symlink", os.readlink(path), path]
        else:
            mounts += ["--ro-bind", path, path]
    room = ["--size", str(limits.disk)]
    return [
        *("bwrap", "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000"),
        *("--die-with-parent", "--new-session", "--hostname", "sandbox", "--cap-drop", "ALL"),
        *("--proc", "/proc", "--dev", "/dev"),
        *(*room, "--tmpfs", "/tmp", *room, "--tmpfs", "/dev/shm", *room, "--tmpfs", HOME),
        *mounts,
        *("--remount-ro", "/", "--chdir", HOME, "--clearenv"),
        *(part for name, value in environment().items() for part in ("--setenv", name, value)),
        *command,
    ]


def environment() -> dict[str, str]:
    """The variables that code in the sandbox sees."""
    return {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # the order of a set, and so a verdict, is the same every time
        "HOME": HOME,
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "LANG": "C.UTF-8",
        "NBGRADER_EXECUTION": "autograde",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


@cache
def works() -> bool:
    """Whether bubblewrap can run this Python here. Tried once, for real."""
    if shutil.which("bwrap") is None:
        return False
    command = bubblewrap([sys.executable, "-c", "import grading.messages"], Limits())
    try:
        return subprocess.run(command, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def choose(wanted: str | None = None) -> str:
    """`bubblewrap` or `limits`: the better one that works, or the one that is wanted.

    Raises RuntimeError when bubblewrap is wanted and does not work.
    """
    if wanted == "bubblewrap" and not works():
        raise RuntimeError("bubblewrap does not work here: install it, or allow user namespaces.")
    return wanted or ("bubblewrap" if works() else "limits")


def warning(kind: str) -> str:
    """What the instructor must be told about this kind of sandbox; nothing for bubblewrap."""
    if kind == "bubblewrap":
        return ""
    from grading.confine import landlock_version

    version = landlock_version()
    kept = "limits on memory, processor, files and processes"
    if version >= 4:
        return WARNING.format(kept=f"{kept}, and Landlock on files and network", lost="")
    return WARNING.format(
        kept=kept, lost=": they can read this disk, the gradebook among it, and use the network"
    )


@dataclass
class Sandbox:
    """A fork server in a sandbox, and at most one child of it. After `Ended`, `prepare` starts it again."""

    role: str
    kind: str
    limits: Limits = field(default_factory=Limits)
    preparation: dict = field(default_factory=dict)
    ended: str = ""
    notes: list[str] = field(default_factory=list)
    line: socket.socket | None = None
    _process: subprocess.Popen | None = None
    _folder: str = ""

    def prepare(self) -> None:
        """Starts the fork server if none runs; `notes` says what it could not prepare. Raises Ended."""
        if self._runs():
            return
        self.close()
        self.line, theirs = socket.socketpair()
        own = "own-pids" if self.kind == "bubblewrap" else "shared-pids"
        command = [sys.executable, "-m", "grading.fork_server", str(theirs.fileno()), self.role, own]
        if self.kind != "bubblewrap":
            self._folder = _own_folder()
        home = self._home
        variables = environment() | {
            "HOME": home,
            "MPLCONFIGDIR": f"{home}/.matplotlib",
            "PYTHONPATH": f"{self._folder}/course",
        }
        self._process = subprocess.Popen(
            bubblewrap(command, self.limits) if self.kind == "bubblewrap" else command,
            pass_fds=[theirs.fileno()],
            env=os.environ if self.kind == "bubblewrap" else variables,
            cwd="/" if self.kind == "bubblewrap" else home,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self.notes = self.ask({"do": "prepare", **self.preparation}, timeout=START)["notes"]

    def start(self, job: dict, descriptors: list[int]) -> None:
        """Forks the child for `job`; it gets copies of the descriptors. Raises Ended."""
        self.ended = ""
        rules: dict = {}  # bubblewrap has taken away the rest
        if self.kind != "bubblewrap":
            course = f"{self._folder}/course"
            rules = {
                "network": False,
                "readable": [*readable(), course, "/proc", "/dev", "/sys/devices/system"],
                "writable": [self._home, "/dev/null", "/dev/shm"],
            }
        limits = self.limits.for_child() | {"confine": rules}
        self.ask({"do": "start", "limits": limits, "job": job, "home": self._home}, descriptors)

    def interrupt(self) -> None:
        """Sends the child SIGINT. Raises Ended."""
        self.ask({"do": "interrupt"})

    def stop(self) -> None:
        """Ends the child and everything it started, or the whole sandbox when that takes too long."""
        try:
            self.ask({"do": "stop"})
        except Ended:
            self.close()

    def why_ended(self) -> str:
        """Why the child has ended; nothing while it runs, as far as is told within `TOLD` s."""
        wait = TOLD
        while self.line is not None and not self.ended and select.select([self.line], [], [], wait)[0]:
            try:
                self.ended = receive(self.line, STOP).get("ended", "")
            except (Closed, TimeoutError):
                self.ended = KILLED_WATCH
            wait = 0
        return self.ended

    def ask(self, message: dict, descriptors: list[int] = (), timeout: float = STOP) -> dict:
        """The fork server's answer. Raises Ended when it is gone or too slow."""
        try:
            send(self.line, message, descriptors)
            while True:
                answer = receive(self.line, timeout)
                if "ended" not in answer:
                    return answer
                self.ended = answer["ended"]
        except (Closed, TimeoutError, AttributeError) as error:
            self.ended = self.ended or KILLED_WATCH
            raise Ended(self.ended) from error

    def _runs(self) -> bool:
        """Whether the fork server runs, by its line: only who started it knows its state."""
        if self.line is None:
            return False
        with contextlib.suppress(OSError):
            return not select.select([self.line], [], [], 0)[0] or bool(self.line.recv(1, socket.MSG_PEEK))
        return False

    def close(self) -> None:
        """Ends the sandbox with everything in it."""
        if self._process is not None:
            if self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self.line is not None:
            self.line.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._process, self.line, self._folder = None, None, ""

    @property
    def _home(self) -> str:
        return f"{self._folder}/home" if self._folder else HOME


def _own_folder() -> str:
    """A new folder for a sandbox without bubblewrap: an empty `home`, and `course`, links to what may be read
    of the repository, since Python lists a folder to import from it and the repository may not be listed.
    """
    folder = Path(tempfile.mkdtemp(prefix="grading-"))
    (folder / "home").mkdir()
    (folder / "course").mkdir()
    for name in COURSE:
        (folder / "course" / name).symlink_to(ROOT / name)
    return str(folder)
