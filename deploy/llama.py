"""llama.cpp's server, an endpoint that is not ours, with the model of `make real`:  make real-server

It speaks the protocol of OpenAI and runs until it is interrupted. The package xllamacpp brings it compiled.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from deploy.real import NAME, gguf_file

SLOTS, CONTEXT = 16, 1536  # requests at once, as many as an EndpointModel sends; tokens of each
QUIET = -1  # verbosity of the server's log


@contextmanager
def running(
    threads: int | None = None,
    slots: int = SLOTS,
    port: int = 0,
    file: Path | None = None,
    name: str = NAME,
    context: int = CONTEXT,
) -> Iterator[str]:
    """A server in this process, for as long as the `with` lasts: its address, up to and with /v1.

    `threads`: None takes all cores. `port` 0 takes a free one. `file`: weights in llama.cpp's format, None
    for those of `make real`. Raises ImportError without the package.
    """
    if find_spec("xllamacpp") is None:
        raise ImportError("llama.cpp's server is missing: run `make real`.")
    xllamacpp = import_module("xllamacpp")  # no requirement of the course
    settings = xllamacpp.CommonParams()
    settings.model.path = str(file or gguf_file())
    settings.model_alias = {name}
    settings.port, settings.n_parallel = port, slots
    settings.n_ctx = slots * context  # shared out among the slots
    for threading in (settings.cpuparams, settings.cpuparams_batch):
        threading.n_threads = threads or os.cpu_count()
    settings.verbosity = QUIET
    server = xllamacpp.Server(settings)
    yield f"{server.listening_address}/v1"
    del server  # which ends it


def main() -> None:
    with running(port=8080) as url:
        print(f"ENDPOINT_BASE={url}\nAPI_KEY=none\nMODEL={NAME}\nJUDGE_MODEL={NAME}\n\nStop with Ctrl + C.")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
