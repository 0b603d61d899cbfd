"""nbgrader's Execute, with the kernel in a sandbox and the tests outside of it.

Promises: a test cell whose `mode` is `examiner` never enters the learner's kernel; time, output and memory are
limited; whatever the kernel does, `preprocess` returns, and says in `trouble` why the rest was not run. What the
kernel's fingerprint accuses it of is collected in `evidence`, by test cell. Knows nothing of points.
"""

import asyncio
import json
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_solution

from grading import control, probe
from grading.client import SandboxClient, SandboxManager
from grading.frames import Closed
from grading.sandbox import Ended, WarmProcess
from grading.skip import missed

CHANNELS = ("shell", "stdin", "control", "iopub")
SKIPPED = "(not run while grading: no test needs it)\n"
TEXT = 4000  # characters of one line of a traceback


class Stop(Exception):
    """The rest of the notebook is not run; the text says why."""


class SandboxExecute(Execute):
    """Runs the cells of one submission. Set the attributes before use."""

    kernel: WarmProcess
    examiner: WarmProcess
    evidence: dict[str, list[str]] = {}  # noqa: RUF012  (against the learner, by test cell; added to)
    modes: dict[str, str] = {}  # noqa: RUF012  (how each test cell is run, by its id: examiner or kernel)
    names: dict[str, list[str]] = {}  # noqa: RUF012  (what the learner writes and the test uses)
    learn: bool = False  # whether to note which modules the notebook loaded
    bindings: dict[str, dict] = {}  # noqa: RUF012  (what names stand for in the solution's kernel, by test)
    files: str = ""  # a tar archive, base64: what lies beside the notebook
    skipped: frozenset[int] = frozenset()  # places of cells that no test needs

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict, km: Any = None
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Runs the code cells, without `skipped`; once more with these where a test misses a name that they bind.

        Test cells that were not reached get an error that says why.
        """
        self._run(nb, resources)
        if missed(nb, self.skipped):
            self.skipped = frozenset()
            self._run(nb, resources)
        return nb, resources

    def _run(self, nb: NotebookNode, resources: ResourcesDict) -> None:
        NotebookClient.__init__(self, nb, km=SandboxManager(self.kernel))
        self.resources, self.allow_errors, self.raise_on_iopub_timeout = resources, True, False
        self.trouble, self.modules, self._printed, self._late = "", [], 0, False
        self.reset_execution_trackers()
        try:
            with self._started() as folder:
                asyncio.run(self._run_all(folder))
        except (Stop, Ended, DeadKernelError) as reason:
            self.trouble = self.kernel.ended or str(reason)
        finally:
            self.kernel.stop()
        if self.trouble:
            for cell in nb.cells:
                if is_grade(cell) and not is_solution(cell) and not cell.get("execution_count"):
                    cell.outputs = [_error("NotRun", self.trouble)]

    @contextmanager
    def _started(self) -> Iterator[str]:
        """Starts the kernel on sockets made here; yields the folder they lie in."""
        self.kernel.prepare()
        with tempfile.TemporaryDirectory(prefix="grading-") as folder:
            listening = [socket.socket(socket.AF_UNIX) for _ in CHANNELS]
            for number, each in enumerate(listening, 1):
                each.bind(f"{folder}/k-{number}")
                each.listen(8)
            self._key = os.urandom(16).hex()
            self._line, theirs = socket.socketpair()
            ends = [*listening, theirs]
            try:
                self.kernel.start({"key": self._key, "files": self.files}, [each.fileno() for each in ends])
            finally:
                for each in ends:
                    each.close()
            self._line.settimeout(60)
            try:
                self.baseline = json.loads(_read(self._line, int.from_bytes(_read(self._line, 4), "big")))
                if "failed" in self.baseline:
                    raise Ended(f"the kernel did not start: {self.baseline['failed']}")
                yield folder
            except (Closed, TimeoutError) as error:
                raise Ended(self.kernel.ended or "the kernel did not start") from error
            finally:
                self._line.close()

    async def _run_all(self, folder: str) -> None:
        ports = {f"{name}_port": number for number, name in enumerate(CHANNELS, 1)}
        self.kc = SandboxClient(transport="ipc", ip=f"{folder}/k", hb_port=9, **ports)
        self.kc.sandbox, self.kc.line, self.kc.session.key = self.kernel, self._line, self._key.encode()
        self.kc.start_channels(hb=False)
        self.kc.allow_stdin = False
        await self.kc.iopub_channel.get_msg(
            timeout=60
        )  # the kernel's welcome: from here on no output is missed
        self._ends_at = time.monotonic() + self.kernel.limits.notebook_seconds
        self._fingerprint = self.baseline
        try:
            for index, cell in enumerate(self.nb.cells):
                if index in self.skipped:
                    cell.outputs = [new_output("stream", name="stdout", text=SKIPPED)]
                elif cell.cell_type == "code":
                    await self._run_cell(cell, index)
            if self.learn:
                self.modules = await self.kc.ask("modules") or []
        finally:
            self.kc.stop_channels()

    async def _run_cell(self, cell: NotebookNode, index: int) -> None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise Stop(f"the notebook took longer than {self.kernel.limits.notebook_seconds:g} s")
        self.timeout = max(1, round(min(self.kernel.limits.cell_seconds, left)))
        mode = self.modes.get(cell.metadata.get("nbgrader", {}).get("grade_id")) if is_grade(cell) else None
        if mode == "examiner":
            await self._examine(cell, index)
        elif mode == "kernel":
            await control.run_guarded(self, cell, index)
        else:
            await self.run_in_kernel(cell, index)

    async def run_in_kernel(self, cell: NotebookNode, index: int, store_history: bool = True) -> None:
        """Runs the cell in the learner's kernel. Raises Stop when the kernel cannot go on."""
        self._late = False
        try:
            number = self.code_cells_executed + 1
            await self.async_execute_cell(cell, index, execution_count=number, store_history=store_history)
        except DeadKernelError:
            cell.outputs.append(_error("DeadKernelError", self.kernel.ended))
            raise Stop(f"in cell {index + 1} {self.kernel.ended or 'the kernel ended'}") from None
        if self._late and not await self.kc.came_back(self.kc.kernel_info()):
            raise Stop(f"cell {index + 1} did not end after {self.timeout} s, nor when interrupted")

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> dict | None:
        self._late = True
        return await super()._async_handle_timeout(timeout, cell)

    async def _examine(self, cell: NotebookNode, index: int) -> None:
        """Runs the test cell in the examiner, which calls the learner's functions in the kernel."""
        ours, theirs = socket.socketpair()
        mine, examiners = socket.socketpair()
        patience = self.kernel.limits.answer_seconds
        self.examiner.prepare()
        test = cell.metadata.nbgrader.grade_id
        self.examiner.start({"test": test, "source": cell.source}, [examiners.fileno(), theirs.fileno()])
        examiners.close()
        answer = asyncio.ensure_future(_everything(mine))
        back = asyncio.ensure_future(self.kc.replied(self.kc.serve(ours)))
        await asyncio.wait({answer, back}, timeout=self.timeout, return_when=asyncio.FIRST_COMPLETED)
        unserved = back.done() and not answer.done()
        if unserved:  # the examiner must not wait for more
            theirs.shutdown(socket.SHUT_RDWR)
            await asyncio.wait({answer}, timeout=patience)
        theirs.close()  # once the examiner's copy is closed too, the kernel stops serving
        report = _parsed(answer.result()) if answer.done() else {}
        error = None
        if unserved and not report.get("before"):
            error = _error("NotServed", "the kernel does not let its functions be called")
            if self.kernel.alive():
                self.evidence.setdefault(test, []).append("silent")
        elif not answer.done():
            error = _error("CellTimeoutError", f"no end after {self.timeout} s")
            await self.km.interrupt_kernel()
        elif not report:
            error = _error("TestEnded", self.examiner.ended or "the test's process ended")
        answer.cancel()
        mine.close()
        self.examiner.stop()
        cell.execution_count = self.code_cells_executed = self.code_cells_executed + 1
        cell.outputs = [error] if error else [nbformat.from_dict(each) for each in report["outputs"]]
        self.accuse(test, report.get("before"), report.get("after"))
        if not back.done():
            await asyncio.wait({back}, timeout=patience)
        if not back.done() or not self.kernel.alive():
            back.cancel()
            raise Stop(
                self.kernel.ended or f"a function that cell {index + 1} tests did not end when interrupted"
            )

    def accuse(self, test: str, *fingerprints: dict | None) -> None:
        """Notes what has changed in the kernel since the last test, and is not as it was at the start."""
        for found in fingerprints:
            if found == {}:
                self.evidence.setdefault(test, []).append("silent")
            elif isinstance(found, dict):
                since = set(probe.changes(self._fingerprint, found)) & set(
                    probe.changes(self.baseline, found)
                )
                self.evidence.setdefault(test, []).extend(sorted(since))
                self._fingerprint = found

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """nbclient's, up to the limit of output; what comes then is dropped, except for errors."""
        if msg["msg_type"] != "status":
            self._printed += len(json.dumps(msg["content"], default=str))
            if msg["msg_type"] == "error":
                msg["content"] = {key: _cut(value) for key, value in msg["content"].items()}
            elif self._printed > self.kernel.limits.output:
                return None
        return super().process_message(msg, cell, cell_index)


def _cut(value: Any) -> Any:
    return value[:TEXT] if isinstance(value, str) else [str(line)[:TEXT] for line in value[-40:]]


async def _everything(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    connection.setblocking(False)
    loop, data = asyncio.get_running_loop(), bytearray()
    while part := await loop.sock_recv(connection, 1 << 20):
        data += part
    return bytes(data)


def _parsed(data: bytes) -> dict:
    try:
        return json.loads(data)
    except ValueError:
        return {}


def _read(line: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        part = line.recv(length - len(data))
        if not part:
            raise Closed("the kernel has ended")
        data += part
    return data


def _error(name: str, message: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])
