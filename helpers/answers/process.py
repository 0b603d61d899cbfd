r"""A process of its own for algebra: `Algebra.same` always returns.

A symbolic computation such as 9^{9^9} stops for no signal handler and no thread, so `equivalence` runs in a
process that is started at the first question, kept for all later ones, and ended by watchdogs inside it,
which need no interpreter, when one question takes too much time or memory. Time is the processor's, so that a
busy machine changes no verdict; only a question that is not answered in `PATIENCE` times as long is given up
as well. What could not be shown equal counts as different. This file is also the program that the process
runs. Kept by hand instead of pebble: its limit is time by the clock, and it has none for memory.
"""

import atexit
import contextlib
import faulthandler
import functools
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

SECONDS = 2.0  # of the processor, for one question
PATIENCE = 2.25  # how many times as long by the clock
MEMORY = 2 << 30  # bytes of address space
LONGEST = 1000  # characters; a longer answer is not compared


class Algebra:
    """One process, started when first asked. Safe to call from several threads."""

    def __init__(self, seconds: float = SECONDS):
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._owner = 0
        atexit.register(self.close)

    def same(self, a: str, b: str, given_a: str = "", given_b: str = "") -> bool:
        """Whether two canonical answers are shown equal within the limit; `given_a` and `given_b` are the
        texts that they were before, of which equations are read.
        """
        question = [a, b, given_a or a, given_b or b]
        if max(map(len, question)) > LONGEST:
            return False
        with self._lock:
            process = self._running()
            try:
                process.stdin.write(json.dumps(question) + "\n")
                process.stdin.flush()
                reply = process.stdout.readline()
            except OSError:
                reply = ""
            except BaseException:  # an interrupted question must not leave its reply for the next one
                self.close()
                raise
            if not reply:
                self.close()
            return reply == "true\n"

    def close(self) -> None:
        """End the process, if there is one; the next question starts another."""
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()

    def _running(self) -> subprocess.Popen:
        # A forked child must not share its parent's pipe, hence the owner.
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__, str(self._seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                start_new_session=True,  # an interrupt of the notebook is not meant for it
            )
            if self._process.stdout.readline() != "ready\n":
                self.close()
                raise RuntimeError("latex2sympy does not start: run `pip install -r requirements.txt` again.")
        return self._process


_shared = Algebra()


@functools.lru_cache(maxsize=20_000)
def same_mathematics(a: str, b: str, given_a: str, given_b: str) -> bool:
    """`Algebra.same` of one shared process; a pair seen before is answered from memory."""
    return _shared.same(a, b, given_a, given_b)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system can
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _serve(seconds: float) -> None:
    """Read one JSON list a line, write `true` or `false`."""
    # python -P puts no folder on the path: before this line nothing of the project can be imported
    # Links are kept: where the grader has no bubblewrap, the folder of the real file may not be listed.
    sys.path.insert(0, str(Path(__file__).absolute().parents[2]))
    from helpers.answers.equivalence import same

    for question in (r"\sqrt{2}x+1", "x"), (r"\sqrt{2}", r"\frac{1}{2}"), ("|-3|", "3"):
        same(*question, *question)  # the first question of its kind takes long
    logging.disable(logging.CRITICAL)
    _limit_memory()
    watched = hasattr(signal, "ITIMER_PROF")  # not on Windows
    replies, sys.stdout = sys.stdout, sys.stderr
    print("ready", file=replies, flush=True)
    for line in sys.stdin:
        faulthandler.dump_traceback_later(
            PATIENCE * seconds if watched else seconds, exit=True, file=sys.stderr
        )
        if watched:
            signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends the process
        try:
            equal = same(*json.loads(line))
        except Exception:
            equal = False
        if watched:
            signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps(bool(equal)), file=replies, flush=True)


if __name__ == "__main__":
    _serve(float(sys.argv[1]))
