"""The process in which a learner's notebook runs: IPython's shell, driven by messages instead of Jupyter's
protocol.

It runs cells as a kernel does (displays, `await`, one event loop for all cells) and lets the test process
call what the learner wrote. Nothing in it is secret, and nothing it says is believed without a check.
"""

import asyncio
import io
import signal
import socket
import sys
import threading
from contextlib import closing, suppress
from typing import Any

import matplotlib_inline.backend_inline  # noqa: F401  (what every notebook would import after the fork)
from ipykernel.jsonutil import encode_images, json_clean
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from grading import seeds
from grading.messages import Closed, receive_with_descriptors, send
from grading.rpc import Connection

PART = 1 << 16  # characters that a stream collects before it sends them
MOST = 4 << 20  # characters of outputs that are sent at all, for one cell


class Line:
    """The way to the grader. An interrupt waits until a message is out, so that none is sent in half."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._lock = threading.RLock()
        self._sending = self._interrupted = False
        self.running = False
        self._left = MOST

    def interrupt(self, *_: object) -> None:
        """Ends what runs with KeyboardInterrupt: the handler of SIGINT."""
        if self._sending:
            self._interrupted = True
        elif self.running:
            raise KeyboardInterrupt

    def report(self, message: dict) -> None:
        """Sends a message."""
        with self._lock:
            self._sending = True
            try:
                send(self.connection, message)
            finally:
                self._sending = False
        if self._interrupted:
            self._interrupted = False
            self.interrupt()

    def output(self, **fields: Any) -> None:
        """Sends an output of the cell that runs; nothing more when it has sent too many."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, Stream) and fields["output_type"] != "stream":
                stream.flush()
        fields = json_clean(fields)
        self._left -= len(repr(fields))
        if self._left > 0 or fields["output_type"] == "error":
            self.report({"output": fields})

    def begin(self) -> None:
        """A cell begins."""
        self._left = MOST


class Stream(io.TextIOBase):
    """stdout or stderr."""

    encoding = "utf-8"

    def __init__(self, name: str, line: Line) -> None:
        self._name, self._line, self._parts, self._size = name, line, [], 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._parts.append(text[:MOST])
        self._size += len(text)
        if self._size > PART:
            self.flush()
        return len(text)

    def flush(self) -> None:
        parts, self._parts, self._size = self._parts, [], 0
        if text := "".join(parts):
            self._line.output(output_type="stream", name=self._name, text=text)


class Displays(DisplayPublisher):
    """What `display` shows."""

    def publish(self, data: dict, metadata: dict | None = None, *_: Any, **options: Any) -> None:
        name = (options.get("transient") or {}).get("display_id")
        kind = "update_display_data" if options.get("update") else "display_data"
        self.parent.line.output(
            output_type=kind, data=encode_images(data), metadata=metadata or {}, display_id=name
        )

    def clear_output(self, wait: bool = False) -> None:
        self.parent.line.output(output_type="clear_output", wait=wait)


class Results(DisplayHook):
    """The value of a cell's last expression."""

    def write_output_prompt(self) -> None:
        """There is none."""

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        self.shell.line.output(
            output_type="execute_result", data=encode_images(format_dict), metadata=md_dict or {}
        )

    def finish_displayhook(self) -> None:
        """There is nothing to end."""


class Shell(InteractiveShell):
    """IPython's shell, whose outputs go to `line`."""

    line: Line
    left = False
    display_pub_class = Type(Displays)
    displayhook_class = Type(Results)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        try:
            text = str(evalue)
        except Exception:
            text = ""
        self.line.output(output_type="error", ename=str(etype.__name__), evalue=text, traceback=stb)

    def ask_exit(self) -> None:
        """`exit()` in a cell."""
        self.left = True

    def enable_gui(self, gui: str | None = None) -> None:
        """There is none."""


def run(descriptors: list[int], job: dict) -> None:
    """Runs cells and serves test processes, as messages on the first descriptor say, until it is killed."""
    line = Line(socket.socket(fileno=descriptors[0]))
    settings = Config()
    settings.HistoryManager.enabled = False
    Shell.line = line
    shell = Shell.instance(config=settings)
    sys.stdout, sys.stderr = Stream("stdout", line), Stream("stderr", line)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    signal.signal(signal.SIGINT, line.interrupt)
    line.report({"ready": True})
    while True:
        message, received = receive_with_descriptors(line.connection)
        try:
            line.running = True
            shell.left = False  # `exit()` in a function that a test called ends no later cell
            seeds.reset()
            if message["do"] == "cell":
                _run_cell(shell, loop, message["source"])
            elif message["do"] == "serve":
                loop.run_until_complete(_serve(shell, socket.socket(fileno=received[0])))
        except KeyboardInterrupt:  # it came in the last moment
            pass
        finally:
            line.running = False
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, Stream):
                stream.flush()
        answer = {"modules": list(sys.modules)} if message["do"] == "modules" else {}
        line.report({"done": True, "left": shell.left, **answer})


def _run_cell(shell: Shell, loop: asyncio.AbstractEventLoop, source: str) -> None:
    shell.line.begin()
    try:
        plain, failure = shell.transform_cell(source), None
    except Exception:
        plain, failure = source, sys.exc_info()
    cell = loop.create_task(
        shell.run_cell_async(source, True, transformed_cell=plain, preprocessing_exc_tuple=failure)
    )
    result = None
    try:
        result = loop.run_until_complete(cell)
    except KeyboardInterrupt:  # while the loop waited for the cell
        shell.showtraceback((KeyboardInterrupt, KeyboardInterrupt(), None))
        cell.cancel()
        loop.run_until_complete(asyncio.wait({cell}, timeout=1))
    finally:
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)


async def _serve(shell: Shell, line: socket.socket) -> None:
    """Inside the event loop, as the notebook's cells are."""
    connection = Connection(line, shell.user_ns, guarded=False)
    with closing(connection), suppress(Closed):
        connection.serve()
