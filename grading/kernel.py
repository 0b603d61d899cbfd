"""The kernel in which a learner's notebook runs: IPython's own, started by a fork of a warm process.

It listens on sockets that it inherits, since its sandbox has no network and no folder in common with the
grader. Besides Jupyter's messages it knows one thing: `serve`, which lets the examiner call what the learner
wrote. Nothing in this process is secret and nothing it says is believed without a check.
"""

import array
import importlib
import json
import os
import socket
import sys
import traceback
from dataclasses import dataclass, field
from typing import Any

import zmq
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

from grading import probe
from grading.peer import Peer

sys.modules.setdefault("debugpy", None)  # no debugger in a graded kernel; it would cost 0.3 s each time
for name in (  # what every kernel would import after the fork
    "ipykernel.debugger",
    "ipykernel.zmqshell",
    "matplotlib_inline.backend_inline",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
):
    importlib.import_module(name)

CHANNELS = ("shell", "stdin", "control", "iopub")


@dataclass
class _State:
    """What `serve` needs; one for the process."""

    line: socket.socket | None = None
    baseline: dict[str, str] = field(default_factory=dict)


_STATE = _State()


class WarmKernelApp(IPKernelApp):
    """IPython's kernel on listening sockets that already exist, without heartbeat and connection file."""

    inherited: dict[str, int]

    def init_connection_file(self) -> None:
        """There is none: the grader knows the sockets."""

    write_connection_file = init_poller = init_heartbeat = init_connection_file

    def _bind_socket(self, s: zmq.Socket, port: int) -> int:
        name = next(iter(self.inherited))
        descriptor = self.inherited.pop(name)
        s.setsockopt(zmq.USE_FD, descriptor)
        s.bind(f"ipc:///tmp/unused-{name}")  # a name is asked for, but the socket is bound already
        return 1


def run(descriptors: list[int], job: dict) -> None:
    """Becomes the kernel: `descriptors` are Jupyter's channels in the order of CHANNELS and the grader's line.

    Sends the fingerprint of the untouched process over the line, then answers until it is killed.
    """
    _STATE.line = socket.socket(fileno=descriptors[-1])
    try:
        app = _prepared(descriptors, job)
        told = _STATE.baseline = probe.fingerprint(app.shell)
    except Exception:
        told = {"failed": traceback.format_exc()[-1000:]}
    data = json.dumps(told).encode()
    _STATE.line.sendall(len(data).to_bytes(4, "big") + data)
    app.start()


def _prepared(descriptors: list[int], job: dict) -> WarmKernelApp:
    settings = Config()
    settings.Session.key = job["key"].encode()
    settings.HistoryManager.enabled = False
    app = WarmKernelApp.instance(transport="ipc", ip="inherited", log_level=50)
    app.inherited = dict(zip(CHANNELS, descriptors, strict=False))
    app.update_config(settings)
    app.initialize([])
    return app


def serve() -> None:
    """Lets the process at the other end of the next connection on the line use the notebook's variables."""
    from IPython import get_ipython

    shell = get_ipython()
    peer = Peer(_receive_connection(_STATE.line), shell.user_ns, guarded=False)
    peer.operations["probe"] = lambda: probe.fingerprint(shell)
    peer.operations["modules"] = lambda: [name for name in sys.modules if not name.startswith("__")]
    peer.operations["bindings"] = lambda names: probe.bindings(shell.user_ns, names)
    try:
        peer.serve()
    finally:
        peer.close()
        sys.stdout.flush()


def _receive_connection(line: Any) -> socket.socket:
    size = array.array("i").itemsize
    _, ancillary, _, _ = line.recvmsg(1, socket.CMSG_SPACE(size))
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            (descriptor,) = array.array("i", data[:size])
            os.set_inheritable(descriptor, False)
            return socket.socket(fileno=descriptor)
    raise ConnectionError("no connection came with the message")
