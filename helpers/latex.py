"""Are two LaTeX answers equal? math-verify decides, and `MathVerify.equal` always returns.

A symbolic computation such as 9^{9^9} stops for no signal handler and no thread, so math-verify runs in a
process of its own: started at the first question, kept for all later ones, and ended by a watchdog inside
it (a C thread of `faulthandler`, which needs no interpreter lock) when one question takes too long or too
much memory. What could not be shown equal in time counts as different.

Knows nothing of models, problems or where an answer came from. This file is also the program that the
process runs.
"""

import atexit
import contextlib
import faulthandler
import functools
import json
import logging
import os
import subprocess
import sys
import threading

SECONDS = 3.0
MEMORY = 2 << 30  # bytes of address space
LONGEST = 1000  # characters; a longer answer is not compared


class MathVerify:
    """One math-verify process, started when first asked. Safe to call from several threads."""

    def __init__(self, seconds: float = SECONDS):
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._owner = 0
        atexit.register(self.close)

    def equal(self, a: str, b: str) -> bool:
        """True when math-verify shows that `a` and `b` (LaTeX, without dollar signs) are equal within the
        limit.
        """
        if max(len(a), len(b)) > LONGEST:
            return False
        with self._lock:
            process = self._running()
            try:
                process.stdin.write(json.dumps([a, b]) + "\n")
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
                raise RuntimeError("math-verify does not start: run `pip install -r requirements.txt` again.")
        return self._process


_shared = MathVerify()


@functools.lru_cache(maxsize=20_000)
def latex_equal(a: str, b: str) -> bool:
    """`MathVerify.equal` of one shared process; a pair seen before is answered from memory."""
    return _shared.equal(a, b)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system can
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _serve(seconds: float) -> None:
    """Read one JSON pair a line, write `true` or `false`."""
    from math_verify import parse, verify

    logging.disable(logging.CRITICAL)
    _limit_memory()
    replies, sys.stdout = sys.stdout, sys.stderr
    print("ready", file=replies, flush=True)
    for line in sys.stdin:
        faulthandler.dump_traceback_later(seconds, exit=True, file=sys.stderr)
        try:
            a, b = (parse(f"${text}$", parsing_timeout=None) for text in json.loads(line))
            # verify takes 25 for x^2 + y^2 = 25 when the equation is the gold answer: ask both ways
            equal = verify(a, b, timeout_seconds=None) and verify(b, a, timeout_seconds=None)
        except Exception:
            equal = False
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps(bool(equal)), file=replies, flush=True)


if __name__ == "__main__":
    _serve(float(sys.argv[1]))
