"""Jupyter's client side, for a kernel in the sandbox: sockets that refuse floods, a pulse from the zygote.

Promises: every question gets an answer, or None, in bounded time. Knows nothing of cells.
"""

import asyncio
import signal
import socket
from contextlib import suppress
from queue import Empty
from typing import Any

import zmq
from jupyter_client.asynchronous import AsyncKernelClient

from grading.peer import Peer
from grading.sandbox import Ended, WarmProcess

SERVE = "__import__('grading.kernel', fromlist=['serve']).serve()"
MESSAGE = 8 << 20  # bytes; a longer message ends its connection
WAITING = 200  # messages that may wait to be read


class SandboxClient(AsyncKernelClient):
    """Jupyter's client for a kernel without heartbeat, deaf to oversized messages. Set the attributes before use."""

    sandbox: WarmProcess
    line: socket.socket  # to the kernel's process; hands it connections

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

    def serve(self, connection: socket.socket) -> str:
        """Makes the kernel serve the other end of `connection`; returns the request's id."""
        request = self.execute(SERVE, silent=True, store_history=False)
        with suppress(OSError), connection:  # a kernel that has ended, or closed its line, serves nobody
            socket.send_fds(self.line, [b"c"], [connection.fileno()])
        return request

    async def ask(self, operation: str, *items: Any) -> Any:
        """The kernel's answer to one question; None when it gives none in time."""
        ours, theirs = socket.socketpair()
        peer, patience = Peer(ours), self.sandbox.limits.answer_seconds
        back = asyncio.ensure_future(self.replied(self.serve(theirs)))
        answer = asyncio.ensure_future(asyncio.to_thread(peer.ask, operation, *items))
        done, _ = await asyncio.wait({answer, back}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if answer not in done:
            ours.shutdown(socket.SHUT_RDWR)  # ends the thread's wait
        try:
            return await answer
        except Exception:
            return None
        finally:
            peer.close()
            await asyncio.wait({back}, timeout=patience)
            back.cancel()

    async def came_back(self, request: str) -> bool:
        """Whether the kernel answers the request (an id), in a few seconds."""
        try:
            async with asyncio.timeout(self.sandbox.limits.answer_seconds):
                return await self.replied(request)
        except TimeoutError:
            return False

    async def replied(self, request: str) -> bool:
        """True once the request is answered, False once the kernel has ended."""
        while self.sandbox.alive():
            with suppress(Empty):
                reply = await self.shell_channel.get_msg(timeout=0.5)
                if reply["parent_header"].get("msg_id") == request:
                    return True
        return False


class SandboxManager:
    """As much of Jupyter's kernel manager as nbclient uses."""

    has_kernel = True

    def __init__(self, sandbox: WarmProcess) -> None:
        self._sandbox = sandbox

    async def interrupt_kernel(self) -> None:
        """Interrupts the running cell."""
        with suppress(Ended):
            self._sandbox.signal(signal.SIGINT)
