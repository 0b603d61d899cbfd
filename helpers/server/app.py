"""The embedded endpoint: the workshop's models over the OpenAI protocol, in this process or as a command.

    python -m helpers.server                        every model in prebuilt/models, at http://127.0.0.1:8000/v1
    with serve("prebuilt/models/course-lm") as server: ...  server.url ...

Requests of all clients share one decode loop. What fails is refused in OpenAI's words. A client that goes
away stops costing; a stop lets requests under way finish.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.requests import ClientDisconnect

from config import ROOT
from helpers.engine.local import LocalModel
from helpers.server import protocol
from helpers.server.answer import Answer
from helpers.server.protocol import Refusal
from helpers.server.worker import Worker

LARGEST_BODY = 4 * 2**20  # bytes
PATIENCE = 20.0  # seconds that a stop waits for requests under way


def make_app(worker: Worker, api_key: str | None = None) -> FastAPI:
    """The application. `api_key`: what clients must send as Bearer token, None for anyone."""
    app = FastAPI(openapi_url=None)
    started = int(time.time())

    def admit(request: Request) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if api_key and not given:
            raise protocol.no_key()
        if api_key and not hmac.compare_digest(given.encode(), api_key.encode()):
            raise protocol.wrong_key()

    @app.get("/health")
    async def health() -> dict:
        return {"status": "ok", "models": list(worker.models), "rows": worker.rows}

    @app.get("/v1/models")
    async def models(request: Request) -> dict:
        admit(request)
        return protocol.model_list(list(worker.models), started)

    @app.get("/v1/models/{name:path}")
    async def model(name: str, request: Request) -> dict:
        admit(request)
        if name not in worker.models:
            raise protocol.no_model(name)
        return protocol.model_card(name, started)

    @app.post("/v1/chat/completions")
    async def chat_completion(request: Request):
        admit(request)
        asked = protocol.read_request(await _body(request))
        if asked.model not in worker.models:
            raise protocol.no_model(asked.model)
        answer = Answer(worker, asked)
        if asked.stream:
            return StreamingResponse(answer.stream(), media_type="text/event-stream")
        async with _watched(request) as gone:
            return JSONResponse(await answer.whole(gone))

    @app.exception_handler(Refusal)
    async def refused(_: Request, refusal: Refusal) -> JSONResponse:
        return JSONResponse(refusal.body, refusal.status, headers=refusal.headers)

    @app.exception_handler(ClientDisconnect)
    async def left(*_) -> Response:
        return Response(status_code=499)  # nobody reads it; without it the log has a traceback

    @app.exception_handler(404)
    @app.exception_handler(405)
    async def lost(request: Request, _) -> JSONResponse:
        return await refused(request, protocol.no_address(request.method, request.url.path))

    return app


class Server:
    """A running endpoint. `url` is what ENDPOINT_BASE wants; `stop()`, or the end of a `with`, ends it."""

    def __init__(self, worker: Worker, host: str, port: int, api_key: str | None):
        self._worker, self._socket = worker, listening(host, port)
        self.url = f"http://{host}:{self._socket.getsockname()[1]}/v1"
        self.models = list(worker.models)
        self._uvicorn = uvicorn.Server(_settings(make_app(worker, api_key), log_config=None))
        self._thread = threading.Thread(target=self._run, name="endpoint", daemon=True)
        self._thread.start()
        while not self._uvicorn.started and self._thread.is_alive():
            time.sleep(0.005)

    def stop(self) -> None:
        """Refuse new requests, finish those under way, give the port back."""
        self._uvicorn.should_exit = True
        self._thread.join(PATIENCE + 5)
        self._worker.close(1.0)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"Server({self.url!r}, models={self.models})"

    def _run(self) -> None:
        loop = asyncio.new_event_loop()  # asyncio.run is another after nest_asyncio.apply()
        loop.run_until_complete(self._uvicorn.serve(sockets=[self._socket]))
        loop.close()


def listening(host: str, port: int) -> socket.socket:
    """A socket whose connections send at once. Otherwise the body of an answer, which uvicorn writes after
    its head, waits for the client's receipt of the head: 40 ms on Linux.
    """
    server = socket.create_server((host, port), backlog=512)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server


def serve(
    models: str | Path | LocalModel | Sequence | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    api_key: str | None = None,
    most: int = 2048,
) -> Server:
    """Serve models in this process until `stop()`. Port 0 is a free one; use the `url` of what is returned.

    `models`: folders, hub ids or loaded models, one or several; None: all that ship with the workshop.
    `most`: samples that may wait at once before clients are told to come again.
    """
    return Server(Worker(load(models), most), host, port, api_key)


def load(models: str | Path | LocalModel | Sequence | None = None) -> dict[str, LocalModel]:
    """The models by name; see `serve`."""
    if models is None:
        models = shipped()
    if isinstance(models, str | Path | LocalModel):
        models = [models]
    loaded = [model if isinstance(model, LocalModel) else LocalModel.load(model) for model in models]
    return {model.name: model for model in loaded}


def shipped() -> list[Path]:
    """The folders of the causal language models that ship with the workshop."""
    found = sorted((ROOT / "prebuilt" / "models").glob("*/config.json"))
    folders = [path.parent for path in found if "ForCausalLM" in path.read_text(encoding="utf-8")]
    if not folders:
        raise FileNotFoundError(
            "There is no model in prebuilt/models: run `make model`, or clone the repository again."
        )
    return folders


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            raise Refusal(400, f"The request body is too large (limit: {LARGEST_BODY} bytes).")
    return body


@asynccontextmanager
async def _watched(request: Request) -> AsyncIterator[asyncio.Future]:
    """A future that is done when the client has gone away."""

    async def leaving() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    task = asyncio.ensure_future(leaving())
    try:
        yield task
    finally:
        task.cancel()


def _settings(app: FastAPI, **more) -> uvicorn.Config:
    return uvicorn.Config(app, lifespan="off", timeout_graceful_shutdown=int(PATIENCE), ws="none", **more)


def main() -> None:
    """The command: serve until interrupted, then finish what is under way."""
    parser = argparse.ArgumentParser(prog="python -m helpers.server", description=__doc__.split("\n\n")[0])
    parser.add_argument("models", nargs="*", help="folders or hub ids (default: all in prebuilt/models)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    asked = parser.parse_args()
    try:
        port = listening(asked.host, asked.port)
    except OSError as error:
        parser.exit(1, f"Port {asked.port} cannot be had ({error.strerror}): name another with --port.\n")
    try:
        worker = Worker(load(asked.models or None))
    except OSError as error:
        parser.exit(1, f"{error}\n")
    app = make_app(worker, os.environ.get("SERVER_API_KEY"))
    print(f"{', '.join(worker.models)} at http://{asked.host}:{port.getsockname()[1]}/v1", flush=True)
    try:
        uvicorn.Server(_settings(app, log_level="warning")).run(sockets=[port])
    except KeyboardInterrupt:  # uvicorn has stopped as it should, and passes on why
        pass
    finally:
        worker.close(1.0)
