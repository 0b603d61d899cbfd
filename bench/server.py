"""Requests a second of the embedded endpoint at 1, 16, 64 and 256 in flight: `make bench-server`.

    python -m bench.server [--write]

The course model, 64 tokens an answer, a prompt of its own for each request. Where `make real` has been run,
llama.cpp's server follows with the same weights and token ids, and then SmolLM2 by both: here in float32,
there with the quantised weights that its package brings.
Processor time and memory are those of client and server together. The embedded endpoint is a process of its
own, as `make serve` starts it. Absolute numbers are one machine's; `--write` puts the table into the README.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import httpx

from bench import llama
from bench.processes import core_seconds, resident
from bench.sampling import MODEL, README, heading, line, machine
from config import ROOT
from deploy.llama import running
from deploy.real import NAME
from training import marks

COURSE_TOKENS = 64
COURSE_ROUNDS = ((1, 32), (16, 128), (64, 256), (256, 512))  # in flight, requests
REAL_TOKENS = 16
REAL_ROUNDS = ((1, 8), (16, 48))
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
    `cpu`: processor seconds of client and server; `mib`: their memory after it.
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


Body = Callable[[list[dict], int], dict]  # of a request, from messages and a seed


def chat(model: str, max_tokens: int) -> Body:
    """The body for /v1/chat/completions."""
    return lambda messages, seed: {
        "model": model,
        "messages": messages,
        "max_tokens": max_tokens,
        "seed": seed,
    }


async def measure(url: str, body: Body, in_flight: int, requests: int) -> Round:
    """One round of requests to `url`. Raises httpx.HTTPStatusError for one that is refused."""
    gate = asyncio.Semaphore(in_flight)
    limits = httpx.Limits(max_connections=in_flight)
    async with httpx.AsyncClient(timeout=llama.WAIT, limits=limits) as client:

        async def ask(i: int) -> tuple[float, int]:
            said = f"Round of {in_flight}: a shelf holds {i} books, and {i} more come. How many?"
            asked = body([{"role": "user", "content": said}], i)
            async with gate:
                begun = time.perf_counter()
                reply = await client.post(url, json=asked)
                reply.raise_for_status()
            read = reply.json()
            usage = read.get("usage") or {"completion_tokens": read["tokens_predicted"]}
            return time.perf_counter() - begun, usage["completion_tokens"]

        await ask(requests)  # opens the first connection
        start, spent = time.perf_counter(), core_seconds()
        done = await asyncio.gather(*map(ask, range(requests)))
        seconds, cpu = time.perf_counter() - start, core_seconds() - spent
    waits, tokens = zip(*done, strict=True)
    return Round(in_flight, seconds, waits, cpu, sum(tokens), resident() // 2**20)


def rounds(url: str, body: Body, shown: str, sizes: Sequence[tuple[int, int]]) -> list[str]:
    """Rows of the table, printed as they come."""
    rows = []
    for in_flight, requests in sizes:
        done = asyncio.run(measure(url, body, in_flight, requests))
        rows.append(line(done.cells(shown)))
        print(rows[-1], flush=True)
    return rows


@contextmanager
def process(model: str) -> Iterator[str]:
    """`python -m helpers.server` with one model: its address, up to and with /v1."""
    command = [sys.executable, "-m", "helpers.server", model, "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            addresses = (re.search(r" at (http\S+)", line) for line in server.stdout)
            address = next((found[1] for found in addresses if found), None)
            if address is None:
                sys.exit(f"The endpoint with {model} did not start.")
            yield address
        finally:
            server.terminate()


def ours(model: str, sizes: Sequence[tuple[int, int]], max_tokens: int) -> list[str]:
    """The rows of the embedded endpoint."""
    name = Path(model).name
    with process(model) as url:
        return rounds(f"{url}/chat/completions", chat(name, max_tokens), name, sizes)


def course_by_llama(model) -> list[str]:
    """The rows of llama.cpp's server with the weights of the course model."""

    def body(messages: list[dict], seed: int) -> dict:
        return llama.completion(model.chat_tokenizer.encode(messages), COURSE_TOKENS, 1.0, seed)

    with llama.serving(model, os.cpu_count()) as url:
        return rounds(llama.completions(url), body, f"{model.name}, llama.cpp's server", COURSE_ROUNDS)


def real_by_llama() -> list[str]:
    """The rows of llama.cpp's server with the weights of `make real`."""
    with running() as url:
        body = chat(NAME, REAL_TOKENS)
        return rounds(f"{url}/chat/completions", body, f"{NAME}, llama.cpp's server, quantised", REAL_ROUNDS)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the rounds and print the table in Markdown."""
    from helpers.engine.local import LocalModel

    parser = argparse.ArgumentParser(prog="python -m bench.server", description="Speed of the endpoint.")
    parser.add_argument("--write", action="store_true", help="the table into the README")
    write = parser.parse_args(arguments).write

    lines = heading(HEAD)
    print(*lines, sep="\n")
    lines += ours(MODEL, COURSE_ROUNDS, COURSE_TOKENS)
    if llama.installed():
        lines += course_by_llama(LocalModel.load(MODEL))
        lines += ours(NAME, REAL_ROUNDS, REAL_TOKENS)
        lines += real_by_llama()
    print(f"\n{machine()}")
    if write:
        text = "\n".join([*lines, "", f"Measured on {machine()}.", ""])
        marks.write(README, "endpoint", text)


if __name__ == "__main__":
    main()
