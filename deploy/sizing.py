"""How many GPUs a class needs:  python -m deploy.sizing   (the table of docs/deploy.md)
                                 python -m deploy.sizing --measure   (tokens a second of the endpoint in .env)

Arithmetic alone, from data sheets and the shapes of the models, each step a function: an estimate until
`--measure` has replaced it.

A decode step of a batch reads all weights once and the keys and values of every row, and multiplies each
weight twice for every row; it lasts as long as the slower of the two (the roofline of Williams et al. 2009,
https://doi.org/10.1145/1498765.1498785). A server reaches a part of that, EFFICIENCY.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

EFFICIENCY = 0.5  # of the roofline; the share that an estimate must assume and --measure finds
MEMORY_SHARE = 0.9  # of a GPU's memory that vLLM takes by default
ROWS = 256  # rows in a batch at most, vLLM's default for online serving


@dataclass(frozen=True)
class Gpu:
    """From the data sheet: memory in bytes, memory bandwidth in bytes/s, dense half precision in
    operations/s.
    """

    name: str
    memory: float
    bandwidth: float
    operations: float


@dataclass(frozen=True)
class Model:
    """Parameters, layers, key-value heads and their size, from the model's config.json."""

    name: str
    parameters: float
    layers: int
    heads: int
    size: int

    @property
    def weights(self) -> float:
        """Bytes in half precision."""
        return 2 * self.parameters

    @property
    def token(self) -> int:
        """Bytes of one token's keys and values in half precision."""
        return 2 * self.layers * self.heads * self.size * 2


@dataclass(frozen=True)
class Lesson:
    """What a class does at once: every learner draws `samples` answers of `tokens` tokens to `problems`
    problems of `prompt` tokens, and is to wait `minutes`.
    """

    problems: int = 60
    samples: int = 16
    tokens: int = 300
    prompt: int = 200
    minutes: float = 10.0


GPUS = (
    Gpu("L4", 24e9, 300e9, 121e12),
    Gpu("A100 80GB", 80e9, 2039e9, 312e12),
    Gpu("H100 80GB", 80e9, 3350e9, 989e12),
)
MODELS = (
    Model("Qwen3-0.6B", 596_049_920, 28, 8, 128),
    Model("granite-3-2-8b-instruct", 8_170_848_256, 40, 8, 128),
    Model("qwen3-14b", 14_768_307_200, 40, 8, 128),
)
CLASSES = (10, 30, 100, 300)  # learners


def demand(lesson: Lesson, learners: int) -> float:
    """Output tokens a second that a class needs: learners x problems x samples x tokens / seconds."""
    return learners * lesson.problems * lesson.samples * lesson.tokens / (60 * lesson.minutes)


def rows(model: Model, gpu: Gpu, context: float, gpus: int = 1) -> int:
    """Answers of `context` tokens under way at once that the memory beside the weights holds."""
    room = MEMORY_SHARE * gpu.memory * gpus - model.weights
    return max(0, min(ROWS, math.floor(room / (model.token * context))))


def supply(model: Model, gpu: Gpu, lesson: Lesson, gpus: int = 1) -> float:
    """Output tokens a second of one server on `gpus` GPUs (tensor parallel); 0 where it does not fit."""
    context = lesson.prompt + lesson.tokens
    batch = rows(model, gpu, context, gpus)
    if not batch:
        return 0.0
    # on average a row is half-way through its answer
    moved = model.weights + batch * model.token * (lesson.prompt + lesson.tokens / 2)
    computed = 2 * model.parameters * batch
    step = max(moved / (gpu.bandwidth * gpus), computed / (gpu.operations * gpus))
    return EFFICIENCY * batch / step


def replicas(model: Model, gpu: Gpu, lesson: Lesson, learners: int, gpus: int = 1) -> int | None:
    """Servers of `gpus` GPUs each that a class needs; None where the model does not fit."""
    each = supply(model, gpu, lesson, gpus)
    return math.ceil(demand(lesson, learners) / each) if each else None


def table(lesson: Lesson = Lesson()) -> str:
    """The sizing table in Markdown."""
    head = [f"{n} learners" for n in CLASSES]
    needed = [f"{demand(lesson, n):,.0f} tokens/s" for n in CLASSES]
    lines = [
        "| model | GPU | answers at once | tokens/s of one GPU | " + " | ".join(head) + " |",
        "| --- | --- | --- | --- |" + " --- |" * len(CLASSES),
        "| *needed* | | | | " + " | ".join(needed) + " |",
    ]
    for model in MODELS:
        for gpu in GPUS:
            each = supply(model, gpu, lesson)
            if not each:
                lines.append(
                    f"| {model.name} | {gpu.name} | does not fit on one |" + " |" * (1 + len(CLASSES))
                )
                continue
            counts = [f"{replicas(model, gpu, lesson, n)} GPU" for n in CLASSES]
            batch = rows(model, gpu, lesson.prompt + lesson.tokens)
            lines.append(
                f"| {model.name} | {gpu.name} | {batch} | {each:,.0f} | " + " | ".join(counts) + " |"
            )
    return "\n".join(lines)


def measure(
    model,
    prompts: int = 64,
    samples: int = 8,
    tokens: int = 128,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Output tokens a second that `model`, an `EndpointModel`, gives right now to one client."""
    from helpers.prompts import make_prompt

    asked = [make_prompt("Reason step by step.", f"What is {17 + i} x {31 + i}?") for i in range(prompts)]
    start, before = clock(), model.usage
    found = model.sample(asked, samples, max_tokens=tokens)
    seconds = clock() - start
    counted = (model.usage - before).output_tokens
    return (counted or sum(sample.tokens for some in found for sample in some)) / seconds


def main() -> None:
    """Print the table, or what the endpoint gives."""
    parser = argparse.ArgumentParser(prog="python -m deploy.sizing", description=__doc__.split("\n\n")[0])
    parser.add_argument("--measure", action="store_true", help="ask the endpoint of .env for 512 answers")
    if not parser.parse_args().measure:
        print(table())
        return
    import config
    from helpers.endpoint import EndpointError, EndpointModel

    if not config.ENDPOINT_BASE:
        parser.exit(1, "There is no endpoint to measure: set ENDPOINT_BASE and API_KEY in .env.\n")
    model = EndpointModel(config.MODEL, config.ENDPOINT_BASE, config.API_KEY, in_flight=64)
    try:
        speed = measure(model)
    except EndpointError as error:
        parser.exit(1, f"{error}\n")
    print(f"{config.MODEL}: {speed:,.0f} output tokens/s ({model.usage})")


if __name__ == "__main__":
    main()
