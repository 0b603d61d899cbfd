"""A warm process inside the sandbox: imports once, then forks a child for each submission or each test.

One child at a time, held to its limits of memory, processors, file size and processes; when told to stop,
everything that came out of the child is gone (background processes, files) before it says so. Runs no
learner's code itself, and cannot be read or altered by its children (it is not dumpable). Started by
`grading.sandbox` with `python -m grading.fork_server <descriptor> <learner|test> <own-pids|shared-pids>`.
"""

import contextlib
import ctypes
import importlib
import os
import resource
import select
import shutil
import signal
import socket
import sys
import traceback
from base64 import b64decode
from pathlib import Path
from typing import Any

from grading.messages import Closed, receive_with_descriptors, send
from grading.processes import (
    descendants,
    kill_all,
    memory,
    remove_shared_memory,
    tasks,
    tasks_of_this_user,
)

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 36, 38
TICK = 0.1  # seconds between two looks at what the child uses


def prctl(option: int, value: int = 1) -> None:
    """Linux's prctl; raises OSError where it fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


class ForkServer:
    """The loop: requests from the grader on one side, the child on the other."""

    def __init__(self, line: socket.socket, role: str, own_pids: bool) -> None:
        self._line, self._role, self._own_pids = line, role, own_pids
        self._child, self._limits, self._job = 0, {}, {}
        self._prepared: Any = None
        self._home: Path | None = None

    def run(self) -> None:
        """Serves until the grader closes the line."""
        with contextlib.suppress(Closed):
            while True:
                ready, _, _ = select.select([self._line], [], [], TICK if self._child else None)
                if ready:
                    message, descriptors = receive_with_descriptors(self._line)
                    send(self._line, getattr(self, f"on_{message['do']}")(message, descriptors))
                elif reason := self._watch():
                    self._clear()
                    send(self._line, {"ended": reason})
        self._clear()

    def on_prepare(self, message: dict, _: list[int]) -> dict:
        """Imports what children will need; for tests, reads the instructor's notebook."""
        notes = []
        for name in message.get("preload", []):
            try:
                importlib.import_module(name)
            except Exception as error:
                notes.append(f"import {name}: {error}")
        module = importlib.import_module(f"grading.{self._role}_process")
        if self._role == "test":
            self._prepared = module.prepare(message["exam"])
            notes += self._prepared.notes
        return {"notes": notes}

    def on_start(self, message: dict, descriptors: list[int]) -> dict:
        """Forks the child that does `message["job"]` with the descriptors that came along."""
        self._clear()
        self._limits, self._job = message["limits"], message["job"]
        self._home = Path(message["home"])
        sys.stdout.flush()
        self._child = os.fork()
        if self._child == 0:
            try:
                self._become(descriptors)
            except BaseException:
                traceback.print_exc()  # for the instructor, while the child is still trusted
            finally:
                os._exit(1)
        for descriptor in descriptors:
            os.close(descriptor)
        return {}

    def on_interrupt(self, _: dict, __: list[int]) -> dict:
        """Sends SIGINT to the child."""
        with contextlib.suppress(ProcessLookupError):
            if self._child:
                os.kill(self._child, signal.SIGINT)
        return {}

    def on_stop(self, _: dict, __: list[int]) -> dict:
        """Ends the child and everything it started."""
        self._clear()
        return {}

    def _become(self, descriptors: list[int]) -> None:
        prctl(PR_SET_DUMPABLE)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        self._line.close()
        os.setsid()
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signal_number, signal.default_int_handler)
        self._home.mkdir(parents=True, exist_ok=True)
        _unpack(self._job.get("files", {}), self._home)
        os.chdir(self._home)
        os.environ["HOME"] = os.environ["IPYTHONDIR"] = str(self._home)
        confine = importlib.import_module("grading.confine")
        confine.enter(self._limits.get("confine", {}))
        _limit(self._limits)
        module = importlib.import_module(f"grading.{self._role}_process")
        null = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(null, standard)
        module.run(descriptors, self._job, *([self._prepared] if self._role == "test" else []))

    def _watch(self) -> str:
        """Why the child must end or has ended; nothing while all is well."""
        pid, status = os.waitpid(self._child, os.WNOHANG)
        while pid == 0:
            with contextlib.suppress(ChildProcessError):
                pid_of_orphan, _ = os.waitpid(-1, os.WNOHANG)
                if pid_of_orphan == self._child:
                    return "the process ended by itself"
                if pid_of_orphan > 0:
                    continue
            break
        if pid:
            return _ending(status)
        processes = list(descendants(self._own_pids))
        if sum(tasks(each) for each in processes) > self._limits["processes"]:
            return f"more than {self._limits['processes']} processes"
        if sum(memory(each) for each in processes) > self._limits["memory"]:
            return f"more than {self._limits['memory'] >> 20} MB of memory"
        return ""

    def _clear(self) -> None:
        if self._child:
            kill_all(self._own_pids)
            if self._own_pids:
                remove_shared_memory()
        self._child = 0
        if self._home is not None:
            for path in (self._home, *((Path("/tmp"), Path("/dev/shm")) if self._own_pids else ())):
                _empty(path)


def _ending(status: int) -> str:
    if not os.WIFSIGNALED(status):
        return f"the process ended by itself (exit status {os.waitstatus_to_exitcode(status)})"
    number = os.WTERMSIG(status)
    why = {signal.SIGXCPU: "it used up its processor time", signal.SIGSEGV: "it crashed"}
    return why.get(number, f"the process was ended by {signal.Signals(number).name}")


def _limit(limits: dict) -> None:
    os.nice(limits.get("nice", 5))
    for what, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, limits["memory"]),
        (resource.RLIMIT_FSIZE, limits["file"]),
        (resource.RLIMIT_CPU, limits["processor"]),
        (resource.RLIMIT_NPROC, limits["processes"] + tasks_of_this_user()),
        (resource.RLIMIT_NOFILE, 512),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (value, value))


def _unpack(files: dict[str, str], folder: Path) -> None:
    for path, data in ((folder / name, data) for name, data in files.items()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b64decode(data))


def _empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    path.unlink()


def main() -> None:
    """Runs a fork server on the descriptor, in the role and with the pids that the command line names."""
    descriptor, role, pids = sys.argv[1:]
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_CHILD_SUBREAPER)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    with contextlib.suppress(OSError):
        prctl(PR_SET_NO_NEW_PRIVS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ForkServer(socket.socket(fileno=int(descriptor)), role, pids == "own-pids").run()


if __name__ == "__main__":
    main()
