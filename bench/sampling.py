"""`python -m bench.sampling`: tokens a second of `LocalModel.sample`, beside what a user has already.

Word problems at temperature 1, in one process, for several numbers of prompts and samples:

  one by one   one `generate` call a sample, as much example code does it (timed on a few: all of them take
               minutes)
  batched      `generate` with `num_return_sequences`, all prompts in one left-padded batch
  llama.cpp    its server with the same weights, in float32, on the same token ids, where `make real` has
               installed it
  ours         `LocalModel.sample`

The ways take turns, so that a machine whose speed drifts favours none. Each turn has prompts of its own,
since ours reads nothing twice that an earlier call has read. A token counts if it stands before or
at the end of its text. `share` is the work of ours as a part of the matrix products, 1024 x 1024 in the
model's own number format and with the same threads, that the machine did between the turns; the work is what
any method would have to do at least: 2 for each weight of a matrix that a token meets, 4 x heads x head size
for each position that it attends to, for every prompt once and for every generated token once.
"""

from __future__ import annotations

import argparse
import platform
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from bench import llama
from config import ROOT
from deploy.real import NAME
from helpers.engine.local import INSTALLED
from training import marks

MODEL = "prebuilt/models/course-lm"
SHAPES = ("1x1", "16x1", "1x16", "60x16")  # prompts x samples
REAL_SHAPES, REAL_TOKENS = ("1x1", "8x8"), 32  # of the model that `make real` installs
README = ROOT / "README.md"
SINGLE = 5  # samples drawn one by one in a turn
LARGE, HUGE = 100, 1000  # more samples are drawn in one turn; `generate` is not asked for so many at once
PROMPT = "You are a solver. Reason step by step. "


def prompts(count: int, opening: str = "") -> list[list[dict[str, str]]]:
    """Held-out word problems of 2 to 7 steps, with a request to reason behind `opening`."""
    from helpers.problems import word_problems
    from helpers.prompts import FINAL_FORMAT, make_prompt

    problems = word_problems(range(2, 8), -(-count // 6))[:count]
    return [make_prompt(opening + PROMPT + FINAL_FORMAT, problem.question) for problem in problems]


def load(path: str | None):
    """The model to measure; without one, random weights of the course model's shape, said loudly."""
    from bench.random_model import byte_tokenizer, course_config, random_model
    from helpers.engine.local import LocalModel

    if path or (ROOT / MODEL).is_dir():
        return LocalModel.load(path or MODEL)
    print(
        f"!!! {MODEL} IS MISSING. These figures are of RANDOM weights of its shape, with texts of random "
        "length."
    )
    return LocalModel(random_model(course_config(), scale=8), byte_tokenizer(), "random weights")


def generate(model, messages, n: int, max_tokens: int) -> int:
    """Tokens that transformers' own `generate` draws, n samples for each of `messages`, in one call."""
    import torch

    ids = [model.chat_tokenizer.encode(one) for one in messages]
    longest = max(map(len, ids))
    device = model.model.device
    batch = torch.tensor([[0] * (longest - len(one)) + list(one) for one in ids], device=device)
    mask = torch.tensor([[0] * (longest - len(one)) + [1] * len(one) for one in ids], device=device)
    out = model.model.generate(
        batch,
        attention_mask=mask,
        do_sample=True,
        temperature=1.0,
        top_k=0,
        top_p=1.0,
        num_return_sequences=n,
        max_new_tokens=max_tokens,
        use_cache=True,
    )[:, longest:]
    ended = torch.isin(out, torch.tensor(sorted(model.ends), device=device)).int().cumsum(1)
    return int((ended - torch.isin(out, torch.tensor(sorted(model.ends), device=device)).int() == 0).sum())


def timed(work: Callable[[], int], model) -> tuple[int, float]:
    """What `work` returned, and the seconds that it took."""
    import torch

    start = time.perf_counter()
    done = work()
    if model.model.device.type == "cuda":
        torch.cuda.synchronize()
    return done, time.perf_counter() - start


def matmul(model, size: int = 1024, times: int = 24) -> int:
    """Floating-point operations of square matrix products."""
    import torch

    left, right = (torch.ones(size, size, dtype=model.model.dtype, device=model.model.device) for _ in "ab")
    with torch.inference_mode():
        for _ in range(times):
            left @ right
    return 2 * size**3 * times


def operations(model, samples: Sequence[Sequence]) -> int:
    """Floating-point operations that the prompts, once each, and the generated tokens need at least."""
    config = model.model.config.get_text_config()
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    attended = 4 * config.num_hidden_layers * config.num_attention_heads * head
    shared = model.model.get_input_embeddings().weight is model.model.get_output_embeddings().weight
    weights = sum(weight.numel() for weight in model.model.parameters() if weight.dim() == 2)
    weights -= 0 if shared else model.model.get_input_embeddings().weight.numel()
    inner = weights - model.model.get_output_embeddings().weight.numel()
    total = 0
    for row in samples:
        before = row[0].prompt_tokens
        total += 2 * inner * before + attended * before * (before + 1) // 2
        for sample in row:
            total += 2 * weights * sample.tokens
            total += attended * (before * sample.tokens + sample.tokens * (sample.tokens + 1) // 2)
    return total


@dataclass(frozen=True)
class Row:
    """One shape: tokens a second of each way, and the share of the machine's matrix products that ours
    reached.
    """

    shape: str
    rates: dict[str, float]
    share: float


def measure(model, shape: str, max_tokens: int, rounds: int, server: str | None = None) -> Row:
    """Let the ways take turns on so many prompts x samples; `server`: llama.cpp's, with this model."""
    count, n = map(int, shape.split("x"))
    drawn, work = [], 0

    def one_by_one(asked) -> int:
        return sum(generate(model, [one], 1, max_tokens) for one in asked[:: -(-count // SINGLE)])

    def ids(asked) -> list[tuple[int, ...]]:
        return [model.chat_tokenizer.encode(one) for one in asked]

    def ours(asked) -> int:
        drawn[:] = model.sample(asked, n, max_tokens=max_tokens, seed=work)
        return sum(sample.tokens for row in drawn for sample in row)

    ways = {"one by one": one_by_one, "ours": ours}
    if 1 < count * n <= HUGE:
        ways["batched"] = lambda asked: generate(model, asked, n, max_tokens)
    if server:
        ways["llama.cpp"] = lambda asked: sum(map(len, chain(*llama.draw(server, ids(asked), n, max_tokens))))
    tokens, seconds, products = dict.fromkeys(ways, 0), dict.fromkeys(ways, 0.0), [0, 0.0]
    for turn in range(1 if count * n > LARGE else rounds):
        asked = prompts(count, f"{shape}, turn {turn}. ")
        for name, way in ways.items():
            done, spent = timed(lambda: matmul(model), model)
            products = [products[0] + done, products[1] + spent]
            done, spent = timed(partial(way, asked), model)
            tokens[name], seconds[name] = tokens[name] + done, seconds[name] + spent
        work += operations(model, drawn)
    rates = {name: tokens[name] / seconds[name] for name in ways}
    return Row(shape, rates, work / seconds["ours"] / (products[0] / products[1]))


def machine() -> str:
    """The processor, and which of the features that matter here it has."""
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    name = re.search(r"model name\s*: (.*)", text)
    features = [f for f in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if re.search(rf"\b{f}\b", text)]
    return f"{name[1] if name else platform.processor()} ({', '.join(features) or 'features unknown'})"


def forget_peak() -> None:
    """The peak memory of this process counts from now on, where the system allows that."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # proc(5)


def peak_memory() -> str:
    """The most memory that this process has held since then, in MiB; "-" where the system does not tell."""
    with suppress(OSError):
        return str(int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1]) >> 10)
    return "-"


WAYS = ("one by one", "batched", "llama.cpp", "ours")
HEAD = ("model", "prompts x samples", *WAYS, *(f"ours / {way}" for way in WAYS[:-1]), "share", "MiB")


def line(cells: Sequence[str]) -> str:
    """A row of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def heading(columns: Sequence[str]) -> list[str]:
    """The first two rows of such a table."""
    return [line(columns), line(["---"] * len(columns))]


def cells(row: Row, name: str) -> list[str]:
    """A row as text: whole tokens a second, ratios, and the peak memory of this process during it."""
    rates = [f"{row.rates[way]:,.0f}" if way in row.rates else "-" for way in WAYS]
    ours = row.rates["ours"]
    ratios = [f"{ours / row.rates[way]:.1f}" if way in row.rates else "-" for way in WAYS[:-1]]
    return [name, row.shape, *rates, *ratios, f"{row.share:.0%}", peak_memory()]


def rows(model, shapes: Sequence[str], max_tokens: int, rounds: int) -> Iterator[str]:
    """A line of the table for each shape."""
    import torch

    torch.manual_seed(0)  # `generate` knows no other way
    model.sample(prompts(4), 4, max_tokens=8)  # first calls are slow for everybody
    generate(model, prompts(4), 4, 8)
    peer = llama.serving(model, torch.get_num_threads()) if llama.known(model) else nullcontext()
    with peer as server:
        for shape in shapes:
            forget_peak()
            row = measure(model, shape, max_tokens, rounds, server)
            yield line(cells(row, model.name))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table in Markdown, row by row, and with `--write` put it into the README."""
    import torch
    from transformers.utils import logging

    parser = argparse.ArgumentParser(prog="python -m bench.sampling", description="Speed of sampling.")
    parser.add_argument("--model", help=f"folder or hub id; {MODEL} if left out")
    parser.add_argument("--shapes", nargs="+", default=SHAPES, metavar="PROMPTSxSAMPLES")
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3, help="turns of each way")
    parser.add_argument("--write", action="store_true", help="the table into the README")
    args = parser.parse_args(arguments)

    logging.set_verbosity_error()
    measured = [(args.model, args.shapes, args.max_tokens)]
    if not args.model and (INSTALLED / NAME).is_dir():
        measured.append((NAME, REAL_SHAPES, REAL_TOKENS))
    lines = heading(HEAD)
    print(*lines, sep="\n")
    for name, shapes, tokens in measured:
        model = load(name)
        for row in rows(model, shapes, tokens, args.rounds):
            lines.append(row)
            print(row, flush=True)
    numbers = str(model.model.dtype).removeprefix("torch.")
    where = f"{model.model.device.type}, {numbers}, {torch.get_num_threads()} threads; {machine()}"
    print(f"\n{where}")
    if args.write:
        text = "\n".join([*lines, "", f"Tokens a second, measured on {where}.", ""])
        marks.write(README, "speed", text)


if __name__ == "__main__":
    main()
