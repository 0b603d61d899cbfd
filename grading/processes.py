"""The processes below this one: how many, how large, and their end. Linux only; knows nothing of grading.

Kept by hand instead of psutil: it knows neither pid namespaces nor System V memory.
"""

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
PATIENCE = 20  # seconds to wait for processes to end


def descendants(own_pids: bool) -> Iterator[int]:
    """Every process below this one; orphans come back to it if it is their subreaper.

    `own_pids` says that this process has a pid namespace to itself, where all others are below it.
    """
    if own_pids:
        yield from (
            int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid())
        )
        return
    todo = [os.getpid()]
    while todo:
        with contextlib.suppress(OSError):
            parent = todo.pop()
            children = []
            for task in os.listdir(f"/proc/{parent}/task"):
                children += map(int, Path(f"/proc/{parent}/task/{task}/children").read_text().split())
            yield from children
            todo += children


def tasks_of_this_user() -> int:
    """The kernel counts processes by user, so those that run already do not use up the child's allowance."""
    total = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            total += tasks(int(name)) if os.stat(f"/proc/{name}").st_uid == os.getuid() else 0
    return total


def tasks(pid: int) -> int:
    """Threads of the process; 0 once it is gone."""
    with contextlib.suppress(OSError):
        return len(os.listdir(f"/proc/{pid}/task"))
    return 0


def memory(pid: int) -> int:
    """Bytes that the process has for itself; 0 once it is gone."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
        return (int(resident) - int(shared)) * PAGE
    return 0


def kill_all(own_pids: bool) -> None:
    """Ends every descendant. Stopped first, so that none forks while the others die."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = list(descendants(own_pids))
        if own_pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in found:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not found:
            return
        time.sleep(0.002)


def remove_shared_memory() -> None:
    """Removes System V memory, semaphores and queues of this namespace, which outlive their processes."""
    libc = ctypes.CDLL(None)
    for kind, arguments in (("shm", (0, None)), ("sem", (0, 0)), ("msg", (0, None))):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]:
                getattr(libc, f"{kind}ctl")(int(line.split()[1]), *arguments)
