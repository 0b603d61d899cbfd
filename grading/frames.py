"""Messages between the grader's processes: JSON with a length in front, and open descriptors where needed."""

import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

HEAD = struct.Struct(">Q")
DESCRIPTORS = 8


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


def receive(line: socket.socket, timeout: float | None = None) -> tuple[dict, list[int]]:
    """The next message and the descriptors that came with it. Raises Closed, and TimeoutError after `timeout` s."""
    line.settimeout(timeout)
    try:
        head, descriptors, _, _ = socket.recv_fds(line, HEAD.size, DESCRIPTORS)
        if not head:
            raise Closed("the other process has ended")
        (length,) = HEAD.unpack(head + _exactly(line, HEAD.size - len(head)))
        return json.loads(_exactly(line, length)), descriptors
    except TimeoutError:
        raise
    except OSError as error:
        raise Closed(str(error)) from None
    finally:
        line.settimeout(None)


def receive_untrusted(line: socket.socket, longest: int) -> Any:
    """The next message of a side that may send anything; no descriptors. Raises Closed, also beyond `longest` bytes."""
    try:
        (length,) = HEAD.unpack(_exactly(line, HEAD.size))
        if length > longest:
            raise Closed("a message is too long")
        return json.loads(_exactly(line, length))
    except (ValueError, RecursionError):
        raise Closed("a message is damaged") from None
    except OSError as error:
        raise Closed(str(error)) from None


def _exactly(line: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        part = line.recv(min(length - len(data), 1 << 20))
        if not part:
            raise Closed("the other process has ended")
        data += part
    return bytes(data)
