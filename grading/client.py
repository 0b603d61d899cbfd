"""Jupyter's client side, for a kernel in the sandbox: sockets that refuse floods, a pulse from the zygote.

Knows nothing of cells.
"""

import signal
from contextlib import suppress

import zmq
from jupyter_client.asynchronous import AsyncKernelClient

from grading.sandbox import Ended, WarmProcess

MESSAGE = 8 << 20  # bytes; a longer message ends its connection
WAITING = 200  # messages that may wait to be read


class SandboxClient(AsyncKernelClient):
    """Jupyter's client for a kernel without heartbeat, deaf to oversized messages."""

    sandbox: WarmProcess

    def _create_connected_socket(self, channel: str, identity: bytes | None = None) -> zmq.Socket:
        connected = self.context.socket({"iopub": zmq.SUB}.get(channel, zmq.DEALER))
        connected.linger = 0
        connected.setsockopt(zmq.MAXMSGSIZE, MESSAGE)
        connected.setsockopt(zmq.RCVHWM, WAITING)
        if identity:
            connected.identity = identity
        if channel == "iopub":
            connected.setsockopt(zmq.SUBSCRIBE, b"")
        connected.connect(self._make_url(channel))
        return connected

    def connect_iopub(self, identity: bytes | None = None) -> zmq.Socket:
        """The socket on which outputs come."""
        return self._create_connected_socket("iopub", identity)

    def connect_shell(self, identity: bytes | None = None) -> zmq.Socket:
        """The socket to which code goes."""
        return self._create_connected_socket("shell", identity)

    def connect_stdin(self, identity: bytes | None = None) -> zmq.Socket:
        """Never used: no cell may ask for input."""
        return self._create_connected_socket("stdin", identity)

    connect_control = connect_stdin

    async def is_alive(self) -> bool:
        """Whether the process in the sandbox still runs."""
        return self.sandbox.alive()


class SandboxManager:
    """As much of Jupyter's kernel manager as nbclient uses."""

    has_kernel = True

    def __init__(self, sandbox: WarmProcess) -> None:
        self._sandbox = sandbox

    async def interrupt_kernel(self) -> None:
        """Interrupts the running cell."""
        with suppress(Ended):
            self._sandbox.signal(signal.SIGINT)
