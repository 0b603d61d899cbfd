"""How many requests a second the embedded endpoint answers at 1, 16 and 64 requests in flight.

    python -m bench.server [model folder]

Random weights in the shape of the course model where no folder is named: 64 tokens an answer, one prompt
each, client and server in one process. Absolute numbers are one machine's; the ratios are what to look at,
and on a busy machine the processor time. The memory is that of the process, after each round.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

TOKENS = 64


@dataclass(frozen=True)
class Round:
    """`requests` answered in `seconds` with `in_flight` of them at a time; `cpu`: processor seconds that
    client and server spent; `mib`: memory of the process after it.
    """

    in_flight: int
    requests: int
    seconds: float
    cpu: float
    tokens: int
    mib: int


def measure(server, name: str, in_flight: int, requests: int) -> Round:
    """One round, each request with a prompt of its own."""
    from helpers.endpoint import EndpointModel

    model = EndpointModel(name, server.url, in_flight=in_flight)
    prompts = [
        [
            {
                "role": "user",
                "content": f"Round of {in_flight}: a shelf holds {i} books, and {i} more come. How many?",
            }
        ]
        for i in range(requests)
    ]
    model.sample(prompts[:1], max_tokens=4)  # opens the first connection
    start, spent = time.perf_counter(), time.process_time()
    samples = model.sample(prompts, max_tokens=TOKENS)
    seconds, cpu = time.perf_counter() - start, time.process_time() - spent
    return Round(in_flight, requests, seconds, cpu, sum(one.tokens for [one] in samples), _resident_mib())


def main(folder: str | None = None) -> list[Round]:
    """Run the rounds and print a line for each."""
    from bench.random_model import byte_tokenizer, course_config, random_model
    from helpers.engine.local import LocalModel
    from helpers.server.app import serve

    model = (
        LocalModel.load(folder)
        if folder
        else LocalModel(random_model(course_config(259)), byte_tokenizer(), "random")
    )
    with serve(model) as server:
        measure(server, model.name, 1, 2)
        rounds = []
        for in_flight, requests in ((1, 16), (16, 128), (64, 256), (64, 256)):
            rounds.append(measure(server, model.name, in_flight, requests))
            one, this = rounds[0], rounds[-1]
            rate, one_rate = this.requests / this.seconds, one.requests / one.seconds
            print(
                f"{this.in_flight:3} in flight: {rate:6.1f} requests/s ({rate / one_rate:4.1f} x one by one),"
                f" {this.tokens / this.seconds:6.0f} tokens/s, {1000 * this.cpu / this.requests:6.0f} ms of "
                f"processor time a request, {this.mib} MiB",
                flush=True,
            )
    return rounds


def _resident_mib() -> int:
    status = Path("/proc/self/status")
    if not status.exists():  # not Linux
        return 0
    return int(status.read_text().split("VmRSS:")[1].split()[0]) // 1024


if __name__ == "__main__":
    main(*sys.argv[1:2])
