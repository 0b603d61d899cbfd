"""An endpoint on 127.0.0.1 that misbehaves as told: a real HTTP server for tests."""

import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer


def completion(*texts: str, usage=True, **more) -> dict:
    """A chat completion with these texts as choices."""
    choices = [
        {"index": i, "message": {"role": "assistant", "content": text}, "finish_reason": "stop", **more}
        for i, text in enumerate(texts)
    ]
    counts = {"prompt_tokens": 7, "completion_tokens": 3 * len(texts), "total_tokens": 7 + 3 * len(texts)}
    return {"id": "x", "object": "chat.completion", "choices": choices, "usage": counts if usage else None}


def reply(payload, status: int = 200, **headers: str) -> Callable:
    """Answer with `payload` (a dict as JSON, text as it is)."""

    def act(handler):
        data = payload if isinstance(payload, str) else json.dumps(payload)
        handler.answer(status, data.encode(), headers)

    return act


def error(status: int, message: str = "no", code: str | None = None, **headers: str) -> Callable:
    return reply({"error": {"message": message, "type": "x", "code": code}}, status, **headers)


def silence(handler) -> None:
    """No answer until the client gives up or the server closes."""
    handler.server.closing.wait(10)


def cut(handler) -> None:
    """Promise an answer, send a part of it, close the connection."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server, self.body = self.server, body
        with server.lock:
            server.requests.append(body)
            server.keys.append(self.headers.get("Authorization"))
            act = server.script.pop(0) if server.script else server.default
            server.now += 1
            server.most = max(server.most, server.now)
        try:
            act(self) if not isinstance(act, dict) else reply(act)(self)
        except (BrokenPipeError, ConnectionResetError, ValueError, OSError):
            self.close_connection = True
        finally:
            with server.lock:
                server.now -= 1

    def answer(self, status: int, data: bytes, headers: dict):
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            **headers,
        }.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class FaultyEndpoint(ThreadingTCPServer):
    """Acts out `script`, one behaviour a request, then `default`. Keeps `requests`, `keys` and, as `most`,
    how many requests were under way at once.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *script, default=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.script, self.default = list(script), default or echo
        self.requests, self.keys, self.now, self.most = [], [], 0, 0
        self.lock, self.closing = threading.Lock(), threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        pass


def echo(handler) -> None:
    """n choices that repeat the question, each with its number and seed."""
    reply(echoed(handler.body))(handler)


def echoed(body: dict) -> dict:
    said = body["messages"][-1]["content"]
    return completion(*[f"{said} {i} {body.get('seed')}" for i in range(body.get("n", 1))])
