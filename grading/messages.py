"""Messages between the grader's processes: JSON with its length in front, and descriptors where needed."""

import json
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

HEAD = struct.Struct(">Q")
LONGEST = 1 << 30  # bytes of a message between the grader's own processes


class Closed(ConnectionError):
    """The other side has closed the line, or broke the protocol."""


def send(line: socket.socket, message: Any, descriptors: Sequence[int] = ()) -> None:
    """Sends one message; the descriptors arrive as copies. Raises Closed."""
    data = json.dumps(message).encode()
    try:
        socket.send_fds(line, [HEAD.pack(len(data))], list(descriptors))
        line.sendall(data)
    except OSError as error:
        raise Closed(str(error)) from None


def receive(line: socket.socket, timeout: float | None = None, longest: int = LONGEST) -> Any:
    """The next message; descriptors that came with it are dropped.

    Raises Closed, also for what is no message and beyond `longest` bytes, and TimeoutError when it is not
    there after `timeout` seconds.
    """
    end = None if timeout is None else time.monotonic() + timeout
    return _parsed(line, _exactly(line, HEAD.size, end), end, longest)


def receive_with_descriptors(line: socket.socket) -> tuple[Any, list[int]]:
    """The next message of a trusted side, waited for, and up to eight descriptors. Raises Closed."""
    try:
        head, descriptors, _, _ = socket.recv_fds(line, HEAD.size, 8)
    except OSError as error:
        raise Closed(str(error)) from None
    if not head:
        raise Closed("the other process has ended")
    return _parsed(line, head + _exactly(line, HEAD.size - len(head), None), None, LONGEST), descriptors


def _parsed(line: socket.socket, head: bytes, end: float | None, longest: int) -> Any:
    (length,) = HEAD.unpack(head)
    if length > longest:
        raise Closed("a message is too long")
    try:
        return json.loads(_exactly(line, length, end))
    except (ValueError, RecursionError):
        raise Closed("a message is damaged") from None


def _exactly(line: socket.socket, length: int, end: float | None) -> bytes:
    data = bytearray()
    try:
        while len(data) < length:
            line.settimeout(None if end is None else max(0.001, end - time.monotonic()))
            part = line.recv(min(length - len(data), 1 << 20))
            if not part:
                raise Closed("the other process has ended")
            data += part
            if end is not None and time.monotonic() > end:
                raise TimeoutError
    except (TimeoutError, Closed):
        raise
    except OSError as error:
        raise Closed(str(error)) from None
    finally:
        line.settimeout(None)
    return bytes(data)
