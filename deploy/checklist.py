"""The day before class: every learner's account, and the endpoint under the whole class at once.

    python -m deploy.checklist --class-size 30                        this account; 30 learners press Run
    python -m deploy.checklist --learners ada,ben --as 'sudo -iu {}'  `make doctor` as each learner
    python -m deploy.checklist --learners ada,ben --as 'kubectl exec jupyter-{} --' --python python

The load goes to ENDPOINT_BASE of `.env`; where there is none, to the embedded endpoint of this machine. Every
simulated learner presses Run once, at a random moment within a minute, on a cell that asks for one reply to
each of 8 word problems, with connections of their own. The exit status is 1 where a learner would have seen
an error or waited too long.
"""

from __future__ import annotations

import argparse
import random
import shlex
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from helpers.models import LanguageModel

MAX_TOKENS = 256
PER_PRESS = 8  # problems of one cell
PATIENCE = 60.0  # seconds that a learner waits for a cell without asking the instructor


@dataclass(frozen=True)
class Press:
    """One simulated learner: when they pressed Run, how long it took, samples and tokens, what failed."""

    learner: int
    at: float
    seconds: float
    samples: int
    tokens: int
    failure: str = ""


def press(model: LanguageModel, learner: int, at: float) -> Press:
    """Runs the cell of one learner; no two ask the same. An error ends the cell, as in a notebook."""
    from helpers.problems import word_problems
    from helpers.prompts import FINAL_FORMAT, make_prompt

    problems = word_problems(steps=3, n=PER_PRESS, seed=learner)
    prompts = [make_prompt("Reason step by step. " + FINAL_FORMAT, each.question) for each in problems]
    start = time.perf_counter()
    try:
        drawn = model.sample(prompts, temperature=1.0, max_tokens=MAX_TOKENS, seed=learner)
    except Exception as error:  # whatever a learner would see
        return Press(learner, at, time.perf_counter() - start, 0, 0, f"{type(error).__name__}: {error}")
    tokens = sum(sample.tokens for [sample] in drawn)
    return Press(learner, at, time.perf_counter() - start, len(drawn), tokens)


def load(open_model: Callable[[], LanguageModel], learners: int, within: float, seed: int = 0) -> list[Press]:
    """All learners, each pressing Run at a moment drawn evenly from `within` seconds."""
    rng = random.Random(seed)
    moments = sorted(rng.uniform(0, within) for _ in range(learners))
    start = time.perf_counter()

    def one(learner: int) -> Press:
        model = open_model()
        time.sleep(max(0.0, moments[learner] - (time.perf_counter() - start)))
        return press(model, learner, time.perf_counter() - start)

    with ThreadPoolExecutor(learners, thread_name_prefix="learner") as pool:
        return list(pool.map(one, range(learners)))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(100 * share) // 100) - 1)]


def describe(presses: Sequence[Press], patience: float = PATIENCE) -> tuple[bool, str]:
    """Whether the class would have been content, and the report."""
    served = [each for each in presses if not each.failure]
    failures = Counter(each.failure for each in presses if each.failure)
    lines = [
        f"{len(presses)} learners pressed Run, {len(served)} were served, {len(presses) - len(served)} saw "
        "an error."
    ]
    lines += [f"!!  {count} x {text}" for text, count in failures.most_common(5)]
    slow = [each for each in served if each.seconds > patience]
    if served:
        waits = [each.seconds for each in served]
        shown = ", ".join(f"p{round(100 * q)} {percentile(waits, q):.1f} s" for q in (0.5, 0.9, 0.99))
        end = max(each.at + each.seconds for each in presses) - min(each.at for each in presses)
        tokens, samples = sum(each.tokens for each in served), sum(each.samples for each in served)
        lines.append(f"Waiting for the cell: {shown}, longest {max(waits):.1f} s.")
        lines.append(f"{samples} replies, {tokens} tokens in {end:.0f} s: {tokens / end:.0f} tokens/s.")
        if slow:
            lines.append(
                f"!!  {len(slow)} learners waited longer than {patience:.0f} s: give the endpoint more GPUs, "
                "or let the class start in groups."
            )
    content = bool(served) and not failures and not slow
    return content, "\n".join(lines)


def doctor(prefix: str, python: str, learner: str) -> tuple[bool, str]:
    """`make doctor` in the account that `prefix` (a command with {} for the learner's name) leads to."""
    command = [*shlex.split(prefix.replace("{}", learner)), python, "-m", "deploy.doctor"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, f"!!  {shlex.join(command)}: {error}"
    text = done.stdout.strip() or done.stderr.strip()
    return done.returncode == 0, text


@contextmanager
def endpoint() -> Iterator[tuple[str, Callable[[], LanguageModel]]]:
    """What to call the endpoint, and a function that opens it as one learner's kernel does."""
    import config
    from helpers.endpoint import EndpointModel

    if config.ENDPOINT_BASE:
        yield config.ENDPOINT_BASE, lambda: EndpointModel(config.MODEL, config.ENDPOINT_BASE, config.API_KEY)
        return
    from helpers.server.app import serve

    with serve(config.MODEL) as server:
        [name] = server.models
        yield f"{name} on this machine (no ENDPOINT_BASE is set)", lambda: EndpointModel(name, server.url)


def main(arguments: list[str] | None = None) -> int:
    """Runs the list and prints what it finds; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.checklist",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--learners", default="", help="their names, with commas between; default: this account"
    )
    parser.add_argument(
        "--as", dest="prefix", default="", metavar="COMMAND", help="leads to the account of {}"
    )
    parser.add_argument("--python", default=sys.executable, help="the learner's Python; default: this one")
    parser.add_argument(
        "--class-size", type=int, default=0, metavar="N", help="learners to simulate; 0: no load"
    )
    parser.add_argument("--within", type=float, default=60.0, metavar="SECONDS", help="default: 60")
    options = parser.parse_args(arguments)
    if options.learners and "{}" not in options.prefix:
        parser.error("--learners needs --as with {} for the name, such as --as 'sudo -iu {}'.")
    well = True
    for learner in options.learners.split(",") if options.learners else ["this account"]:
        good, text = doctor(options.prefix, options.python, learner)
        well &= good
        print(f"{learner}\n{text}\n", flush=True)
    if options.class_size:
        with endpoint() as (name, open_model):
            print(f"The class at {name}, within {options.within:.0f} s", flush=True)
            good, text = describe(load(open_model, options.class_size, options.within))
        well &= good
        print(text)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
