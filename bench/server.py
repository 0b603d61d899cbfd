"""Requests a second of the embedded endpoint at 1, 16, 64 and 256 in flight: `make bench-server`.

    python -m bench.server [--write]

The course model, 64 tokens an answer, a prompt of its own for each request. Where `make real` has been run,
SmolLM2 follows, by this endpoint in float32, and then by llama.cpp's server with the quantised weights that
the package brings.
Server and client share a process, so its processor time is that of both.
Absolute numbers are one machine's; `--write` puts the table into the README.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import quantiles

import httpx

from bench.processes import resident
from bench.sampling import README, machine
from training import marks

COURSE, COURSE_TOKENS = "prebuilt/models/course-lm", 64
COURSE_ROUNDS = ((1, 32), (16, 128), (64, 256), (256, 512))  # in flight, requests
REAL, REAL_TOKENS = "smollm2", 16
REAL_ROUNDS = ((1, 8), (16, 48))
WAIT = 600.0  # seconds for one request
HEAD = (
    "endpoint",
    "in flight",
    "requests/s",
    "tokens/s",
    "p50, s",
    "p95, s",
    "processor ms a request",
    "MiB",
)


@dataclass(frozen=True)
class Round:
    """What it cost to have all requests answered, `in_flight` of them at a time. `waits`: seconds of each;
    `cpu`: processor seconds of client and server; `mib`: memory of the process after it.
    """

    in_flight: int
    seconds: float
    waits: tuple[float, ...]
    cpu: float
    tokens: int
    mib: int

    def cells(self, name: str) -> list[str]:
        """A row of the table."""
        n = len(self.waits)
        cuts = quantiles(self.waits, n=20, method="inclusive")
        rates = [f"{n / self.seconds:.1f}", f"{self.tokens / self.seconds:,.0f}"]
        waits = [f"{cuts[9]:.2f}", f"{cuts[18]:.2f}"]
        return [name, str(self.in_flight), *rates, *waits, f"{1000 * self.cpu / n:.0f}", str(self.mib)]


async def measure(url: str, model: str, in_flight: int, requests: int, max_tokens: int) -> Round:
    """One round at `url`, which ends in /v1. Raises httpx.HTTPStatusError for a request that is refused."""
    gate = asyncio.Semaphore(in_flight)
    limits = httpx.Limits(max_connections=in_flight)
    async with httpx.AsyncClient(timeout=WAIT, limits=limits) as client:

        async def ask(i: int) -> tuple[float, int]:
            said = f"Round of {in_flight}: a shelf holds {i} books, and {i} more come. How many?"
            body = {
                "model": model,
                "messages": [{"role": "user", "content": said}],
                "max_tokens": max_tokens,
                "seed": i,
            }
            async with gate:
                begun = time.perf_counter()
                reply = await client.post(f"{url}/chat/completions", json=body)
                reply.raise_for_status()
            return time.perf_counter() - begun, reply.json()["usage"]["completion_tokens"]

        await ask(requests)  # opens the first connection
        start, spent = time.perf_counter(), time.process_time()
        done = await asyncio.gather(*map(ask, range(requests)))
        seconds, cpu = time.perf_counter() - start, time.process_time() - spent
    waits, tokens = zip(*done, strict=True)
    return Round(in_flight, seconds, waits, cpu, sum(tokens), resident() // 2**20)


def rounds(url: str, model: str, shown: str, sizes: Sequence[tuple[int, int]], max_tokens: int) -> list[str]:
    """Rows of the table, printed as they come."""
    rows = []
    for in_flight, requests in sizes:
        done = asyncio.run(measure(url, model, in_flight, requests, max_tokens))
        rows.append(f"| {' | '.join(done.cells(shown))} |")
        print(rows[-1], flush=True)
    return rows


@contextmanager
def ours(path: str):
    """The embedded endpoint with one model: its address up to and with /v1, and the model's name."""
    from helpers.engine.local import LocalModel
    from helpers.server.app import serve

    model = LocalModel.load(path)
    with serve(model) as server:
        yield f"{server.url.removesuffix('/v1')}/v1", model.name


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the rounds and print the table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.server", description="Speed of the endpoint.")
    parser.add_argument("--write", action="store_true", help="the table into the README")
    write = parser.parse_args(arguments).write

    lines = [f"| {' | '.join(HEAD)} |", "| --- " * len(HEAD) + "|"]
    print(*lines, sep="\n")
    with ours(COURSE) as (url, name):
        lines += rounds(url, name, name, COURSE_ROUNDS, COURSE_TOKENS)
    if find_spec("xllamacpp") is not None:
        from deploy.llama import running

        with ours(REAL) as (url, name):
            lines += rounds(url, name, name, REAL_ROUNDS, REAL_TOKENS)
        with running() as url:
            lines += rounds(url, REAL, f"{REAL}, llama.cpp's server", REAL_ROUNDS, REAL_TOKENS)
    print(f"\n{machine()}")
    if write:
        text = "\n".join([*lines, "", f"Measured on {machine()}.", ""])
        page = README.read_text(encoding="utf-8")
        README.write_text(marks.filled(page, "endpoint", text), encoding="utf-8")


if __name__ == "__main__":
    main()
