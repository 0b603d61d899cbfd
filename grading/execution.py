"""Runs a submission's notebook: cells in the learner's process, tests in a process where no learner's code
ever ran.

Whatever the learner's process does, `run` returns in bounded time; `trouble` says why the rest was not run.
"""

import select
import socket
import time
from contextlib import suppress
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

from grading.check import grade_id_of
from grading.messages import Closed, receive, send
from grading.sandbox import Ended, Sandbox
from grading.skip import is_plain_code, is_test, missed

SKIPPED = "(not run while grading: no test needs it)\n"
TEXT = 4000  # characters of one line of a traceback
LINES = 40  # of a traceback
LONGEST = 8 << 20  # bytes of a message of the learner's process
SHORTEST = 10  # seconds; with less left for cells that run out of time, the rest is not run


class Stop(Exception):
    """The rest of the notebook is not run; the text says why."""


class Execution:
    """Runs one notebook, beside `files` (base64). `skipped` are the places of cells that no test needs;
    `live_seconds` is the limit of plain cells where all are run in spite of that. Cells that run out of time
    may cost `late_seconds` in all, and `live_seconds` more where all are run: several tests may call the same
    endless loop.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        learner: Sandbox,
        tester: Sandbox,
        files: dict[str, str],
        skipped: frozenset[int],
    ) -> None:
        self.notebook, self.skipped, self.files = notebook, skipped, files
        self.learner, self.tester, self.limits = learner, tester, learner.limits
        self.trouble, self.modules = "", []
        self.slowest = self.whole = 0.0  # seconds of a cell, of all

    def run(self, learn: bool = False) -> None:
        """Runs the cells, once more with the skipped ones where a test misses a name that they bind.

        Tests that were not reached get an error that says why. `learn` fills `modules`: what the notebook
        loaded.
        """
        self._run_once(learn)
        if not self.trouble and missed(self.notebook, self.skipped):
            self.skipped = frozenset()
            self._run_once(learn)

    def _run_once(self, learn: bool) -> None:
        self.trouble, self._count, self._printed = "", 0, 0
        self._spare = max(self.limits.late_seconds, self.limits.cell_seconds)
        self._spare += 0 if self.skipped else self.limits.live_seconds
        self._displays: dict[str, list[NotebookNode]] = {}
        for place, cell in enumerate(self.notebook.cells):
            if cell.cell_type == "code":
                cell.execution_count = None
                text = [new_output("stream", name="stdout", text=SKIPPED)] if place in self.skipped else []
                cell.outputs = text
        try:
            self._start()
            began = time.monotonic()
            self._ends_at = began + self.limits.notebook_seconds
            for place, cell in enumerate(self.notebook.cells):
                if cell.cell_type == "code" and place not in self.skipped:
                    self._run_cell(cell, place + 1)
            self.whole = time.monotonic() - began
            if learn:
                self.modules = self._ask({"do": "modules"}, self.limits.answer_seconds).get("modules", [])
        except (Stop, Ended) as reason:
            self.trouble = str(reason)
        finally:
            self._line.close()
            self.learner.stop()
        if self.trouble:
            for cell in self.notebook.cells:
                if is_test(cell) and not cell.execution_count:
                    cell.outputs = [error_output("NotRun", self.trouble)]

    def _start(self) -> None:
        self._line, theirs = socket.socketpair()
        try:
            self.learner.prepare()
            self.learner.start({"files": self.files}, [theirs.fileno()])
        finally:
            theirs.close()
        try:
            receive(self._line, 60, LONGEST)
        except (Closed, TimeoutError):
            raise Ended(self.learner.why_ended() or "the notebook's process did not start") from None

    def _run_cell(self, cell: NotebookNode, number: int) -> None:
        began = time.monotonic()
        if began > self._ends_at:
            raise Stop(f"the notebook took longer than {self.limits.notebook_seconds:g} s")
        live = not self.skipped and is_plain_code(cell)
        limit = self.limits.live_seconds if live else self.limits.cell_seconds
        seconds = min(limit, self._spare, self._ends_at - began)
        cell.execution_count = self._count = self._count + 1
        try:
            try:
                self._run_one(cell, seconds)
            except TimeoutError:
                cell.outputs.append(error_output("CellTimeoutError", f"no end after {seconds:.0f} s"))
                self._interrupt()
                self._spare -= time.monotonic() - began
                if self._spare < min(SHORTEST, self.limits.cell_seconds / 2):
                    raise Stop("time was up again") from None
        except Stop as reason:
            cell.outputs.append(error_output("DeadKernelError", str(reason)))
            raise Stop(f"in cell {number} {reason}") from None
        self.slowest = max(self.slowest, time.monotonic() - began)

    def _run_one(self, cell: NotebookNode, seconds: float) -> None:
        """Runs the cell. Raises TimeoutError when it has not ended by then, and Stop."""
        if is_test(cell):
            self._test(cell, seconds)
        elif self._ask({"do": "cell", "source": cell.source}, seconds, cell).get("left"):
            raise Stop("exit() was called")

    def _ask(self, message: dict, seconds: float, cell: NotebookNode | None = None) -> dict:
        """Has the learner's process do something; its outputs go to the cell. Raises Stop, TimeoutError."""
        end = time.monotonic() + seconds
        try:
            send(self._line, message)
        except Closed:
            raise Stop(self._why_closed()) from None
        while True:
            answer = self._next(end)
            if "done" in answer:
                return answer
            if cell is not None:
                self._take(answer, cell)

    def _next(self, end: float) -> dict:
        try:
            answer = receive(self._line, max(0.001, end - time.monotonic()), LONGEST)
        except Closed:
            raise Stop(self._why_closed()) from None
        return answer if isinstance(answer, dict) else {}

    def _why_closed(self) -> str:
        return self.learner.why_ended() or "the notebook's process closed its line to the grader"

    def _interrupt(self) -> None:
        """Has the learner's process come back; its outputs are dropped. Raises Stop when it does not."""
        with suppress(Ended):
            self.learner.interrupt()
        end = time.monotonic() + self.limits.answer_seconds
        try:
            while "done" not in self._next(end):
                pass
        except TimeoutError:
            raise Stop("the code did not end when time was up, nor when it was interrupted") from None

    def _test(self, cell: NotebookNode, seconds: float) -> None:
        """Runs the test in its own process, which calls the learner's functions in theirs."""
        end = time.monotonic() + seconds
        (ours, theirs), (learners, testers) = socket.socketpair(), socket.socketpair()
        done = False
        try:
            self.tester.prepare()
            job = {"test": grade_id_of(cell), "source": cell.source}
            self.tester.start(job, [testers.fileno(), theirs.fileno()])
            try:
                send(self._line, {"do": "serve"}, [learners.fileno()])
            except Closed:
                raise Stop(self._why_closed()) from None
            for each in (theirs, learners, testers):
                each.close()
            while True:  # what the learner's functions print must be read, or they wait
                ready, _, _ = select.select([ours, self._line], [], [], max(0, end - time.monotonic()))
                if ours in ready:
                    cell.outputs = self._report(ours)
                    break
                if not ready:
                    raise TimeoutError
                if not done:
                    try:
                        done = "done" in self._next(end)
                    except Stop as reason:
                        cell.outputs = [error_output("DeadKernelError", str(reason))]
                        raise
                else:
                    select.select([ours], [], [], max(0, end - time.monotonic()))
        finally:
            for each in (ours, theirs, learners, testers):
                each.close()
            self.tester.stop()
        if not done:
            end = time.monotonic() + self.limits.answer_seconds
            try:
                while "done" not in self._next(end):
                    pass
            except TimeoutError:
                self._interrupt()

    def _report(self, ours: socket.socket) -> list[NotebookNode]:
        try:
            return [nbformat.from_dict(each) for each in receive(ours, self.limits.answer_seconds)["outputs"]]
        except (Closed, TimeoutError):
            return [error_output("TestEnded", self.tester.why_ended() or "the test's process ended")]

    def _take(self, answer: dict, cell: NotebookNode) -> None:
        """Adds an output of the learner's process to the cell, up to the limit; errors are always added."""
        output = _checked(answer.get("output"))
        if output is None:
            return
        kind, name = output.pop("kind"), output.pop("display_id", None)
        if kind == "clear_output":
            cell.outputs = []
            return
        self._printed += len(str(output))
        if self._printed > self.limits.output and kind != "error":
            return
        if kind == "update_display_data":
            for shown in self._displays.get(name, []):
                shown.update(output)
            return
        last = cell.outputs[-1] if cell.outputs else None
        if kind == "stream" and last is not None and last.get("name") == output["name"]:
            last.text += output["text"]
            return
        if kind == "execute_result":
            output["execution_count"] = self._count
        cell.outputs.append(new_output(kind, **output))
        if name is not None:
            self._displays.setdefault(name, []).append(cell.outputs[-1])


def _checked(output: Any) -> dict | None:
    """The output's fields, if they are what nbformat asks for; None otherwise."""
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return {"kind": "stream", "name": name, "text": text}
        case {"output_type": "error", "ename": str(name), "evalue": str(value), "traceback": list(trace)}:
            lines = [str(line)[:TEXT] for line in trace[-LINES:]]
            return {"kind": "error", "ename": name[:TEXT], "evalue": value[:TEXT], "traceback": lines}
        case {"output_type": "clear_output"}:
            return {"kind": "clear_output"}
        case {
            "output_type": "display_data" | "execute_result" | "update_display_data" as kind,
            "data": dict(data),
            "metadata": dict(metadata),
        }:
            plain = {key: value for key, value in data.items() if isinstance(value, str | dict | list)}
            name = output.get("display_id")
            fields = {"data": nbformat.from_dict(plain), "metadata": nbformat.from_dict(metadata)}
            return {"kind": kind, "display_id": name if isinstance(name, str) else None, **fields}
    return None


def error_output(name: str, message: str) -> NotebookNode:
    """An error as an output."""
    return new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])
