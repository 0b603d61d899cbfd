"""`python -m bench.sampling`: tokens a second of our decode loop, against two ways of calling `generate`.

60 word problems x 16 samples at temperature 1, on the course model, in one process:

  (a) one `generate` call a sample, as much example code does it (timed on a few samples: all of them take minutes);
  (b) `generate` with `num_return_sequences`, all problems in one left-padded batch;
  (c) `LocalModel.sample`.

The ways take turns, so that a machine whose speed drifts favours none. A token counts if it stands before or at the
end of its text. The machine's matrix-multiply throughput, 1024 x 1024 in the model's own number format and with the
same threads, is measured between the turns. The work of (c) in floating-point operations is counted as what
any method would have to do at least: 2 for each weight of a matrix that a token meets, 4 x heads x head size for each
position that it attends to, for every prompt once and for every generated token once.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

MODEL = "prebuilt/models/course-lm"
PROMPT = "You are a solver. Reason step by step. "


def prompts(count: int) -> list[list[dict[str, str]]]:
    """Held-out word problems of 2 to 7 steps, with a request to reason."""
    from helpers.problems import word_problems
    from helpers.prompts import FINAL_FORMAT, make_prompt

    problems = word_problems(range(2, 8), -(-count // 6))[:count]
    return [make_prompt(PROMPT + FINAL_FORMAT, problem.question) for problem in problems]


def load(path: str | None):
    """The model to measure; without one, random weights of the course model's shape, said loudly."""
    from bench.random_model import byte_tokenizer, course_config, random_model
    from config import ROOT
    from helpers.engine.local import LocalModel

    if path or (ROOT / MODEL).is_dir():
        return LocalModel.load(path or MODEL)
    print(
        f"!!! {MODEL} IS MISSING. These figures are of RANDOM weights of its shape, with texts of random length."
    )
    return LocalModel(random_model(course_config(), scale=8), byte_tokenizer(), "random weights")


def generate(model, messages, n: int, max_tokens: int) -> int:
    """Tokens that transformers' own `generate` draws, n samples for each of `messages`, in one call."""
    import torch

    ids = [model.chat.encode(one) for one in messages]
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    import torch
    from transformers.utils import logging

    parser = argparse.ArgumentParser(prog="python -m bench.sampling", description="Speed of sampling.")
    parser.add_argument("--model", help=f"folder or hub id; {MODEL} if left out")
    parser.add_argument("--problems", type=int, default=60)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=2, help="turns of each way")
    parser.add_argument("--single", type=int, default=12, help="samples drawn one by one in a turn")
    args = parser.parse_args(arguments)

    logging.set_verbosity_error()
    model = load(args.model)
    asked = prompts(args.problems)
    torch.manual_seed(0)  # `generate` knows no other way
    drawn = {}

    def one_by_one() -> int:
        step = max(1, len(asked) // args.single)
        return sum(generate(model, [one], 1, args.max_tokens) for one in asked[::step][: args.single])

    def ours() -> int:
        drawn["samples"] = model.sample(asked, args.samples, max_tokens=args.max_tokens)
        return sum(sample.tokens for row in drawn["samples"] for sample in row)

    ways = {
        "(a) one generate call a sample": one_by_one,
        "(b) generate, num_return_sequences": lambda: generate(model, asked, args.samples, args.max_tokens),
        "(c) LocalModel.sample": ours,
    }
    model.sample(asked[:4], 4, max_tokens=8)  # first calls are slow for everybody
    generate(model, asked[:4], 4, 8)
    done, seconds = dict.fromkeys(ways, 0), dict.fromkeys(ways, 0.0)
    work, products, product_seconds = 0, 0, 0.0
    for _ in range(args.rounds):
        for name, way in ways.items():
            for _ in range(2 if way is ours else 1):  # before and after ours
                count, spent = timed(lambda: matmul(model), model)
                products, product_seconds = products + count, product_seconds + spent
            count, spent = timed(way, model)
            done[name], seconds[name] = done[name] + count, seconds[name] + spent
        work += operations(model, drawn["samples"])
    report(model, args, done, seconds, work, products / product_seconds)


def report(model, args, done, seconds, work: int, peak: float) -> None:
    """Print the table."""
    import torch

    where = f"{model.model.device.type}, {str(model.model.dtype).removeprefix('torch.')}"
    print(
        f"\n{model.name} ({where}, {torch.get_num_threads()} threads), {args.problems} problems x {args.samples} samples"
    )
    rates = [done[name] / seconds[name] for name in done]
    print(f"{'':36}{'tokens':>10}{'seconds':>10}{'tokens/s':>10}{'ours is':>10}")
    for name, rate in zip(done, rates, strict=True):
        print(f"{name:36}{done[name]:10,}{seconds[name]:10.1f}{rate:10,.0f}{rates[-1] / rate:9.1f}x")
    ours = list(done)[-1]
    print(
        f"matrix products {peak / 1e9:.0f} GFLOP/s; {ours}: {work / done[ours] / 1e6:.2f} MFLOP a token, prompts "
        f"included, {work / seconds[ours] / 1e9:.1f} GFLOP/s = {work / seconds[ours] / peak:.0%} of that"
    )
    print(
        f"targets: c/a >= 30: {verdict(rates[2] / rates[0], 30)}, c/b >= 3: {verdict(rates[2] / rates[1], 3)}, "
        f"share >= 25 %: {verdict(work / seconds[ours] / peak, 0.25)}"
    )


def verdict(value: float, target: float) -> str:
    """Whether a target was met."""
    return "met" if value >= target else "missed"


if __name__ == "__main__":
    main()
