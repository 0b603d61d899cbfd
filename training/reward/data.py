"""What the reward models learn from: the course model's own solutions of training problems, each labelled.

No problem is held out; labels are exact, by the answer and for every line, from the generator's own solution;
drawn in parts that are kept on disk, so a killed run goes on, and the same seed and model give the same data.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm.auto import tqdm

from helpers.answers import answers_match, extract_answer
from helpers.models import LanguageModel
from helpers.problems import held_out, pair_held_out
from helpers.prompts import FINAL_FORMAT, make_prompt
from training.data.instructions import instruction
from training.data.tasks import MULTIPLY_FORMS, multiplication
from training.data.word_problems import word_problem
from training.data.worked import Worked, compute, large_sizes, mixed_sizes

SYSTEM = "Reason step by step. " + FINAL_FORMAT  # the prompt of the notebooks
STEPS, WEIGHTS = (2, 3, 4, 5, 6, 7, 8), (2, 4, 5, 6, 6, 5, 4)  # more of what the model gets wrong
DIGITS = ((3, 2), (4, 2), (3, 3))
MULTIPLICATIONS = 0.25  # share of the problems
OTHER_WORDING = 0.3  # share of the problems asked in other words than the notebooks'
MAX_TOKENS = 320
TEMPERATURES = (1.0, 0.7)  # of the parts by turns
EQUATION = re.compile(r"(?:.*: )?(\d+) ([-+*/]) (\d+) = (\d+)")


@dataclass(frozen=True)
class Draw:
    """How much is drawn, and from which seed."""

    problems: int = 3_000
    samples: int = 8
    part: int = 240  # problems in one file
    seed: int = 0


@dataclass(frozen=True)
class Solution:
    """One distinct text among the samples of a problem, drawn `count` times (0: the generator's own).

    `steps` says of each line that is not blank whether the solution is right up to its end; None where the
    lines took another way than the reference to the right answer, so that nobody can tell.
    """

    text: str
    right: bool
    steps: tuple[bool, ...] | None
    count: int


@dataclass(frozen=True)
class Group:
    """A problem, the instruction it was asked with, and its distinct solutions, the generator's among
    them.
    """

    question: str
    system: str
    solutions: tuple[Solution, ...]


def training_problem(rng: random.Random) -> Worked:
    """A word problem or a multiplication that is not held out."""
    while True:
        if rng.random() < MULTIPLICATIONS:
            a, b = (rng.randint(10 ** (d - 1), 10**d - 1) for d in rng.choice(DIGITS))
            if min(a, b) < 2 or pair_held_out(a, b):
                continue
            return multiplication(a, b, rng.choice((MULTIPLY_FORMS[0], rng.choice(MULTIPLY_FORMS))))
        sizes = rng.choice((mixed_sizes, large_sizes))  # as the model was trained, and as it is tested
        worked = word_problem(rng.choices(STEPS, WEIGHTS)[0], rng, sizes)
        if not held_out(worked.question):
            return worked


def label_steps(text: str, worked: Worked) -> tuple[bool, ...]:
    """Whether the solution is right up to the end of each line that is not blank.

    It is as long as one of the ways of the reference begins with the same lines; a line is compared by its
    calculation, one without a calculation by its text. The last line of every way is `Final: <answer>`.
    """
    alive = [[*map(_content, lines), f"Final: {worked.answer}"] for lines in worked.ways.values()]
    labels = []
    for i, line in enumerate(line for line in text.split("\n") if line.strip()):
        alive = [way for way in alive if i < len(way) and way[i] == _content(line)]
        labels.append(bool(alive))
    return tuple(labels)


def label(text: str, worked: Worked, count: int = 0) -> Solution:
    """A solution with its labels: the final answer decides `right`."""
    steps: tuple[bool, ...] | None = label_steps(text, worked)
    right = answers_match(extract_answer(text), str(worked.answer))
    sums = [line for line in text.split("\n") if _equation(line)]
    if right and not all(steps) and all(map(_holds, sums)):
        steps = None
    return Solution(text, right, steps, count)


def draw(model: LanguageModel, recipe: Draw, part: int) -> list[Group]:
    """The groups of one part: problems sampled, equal texts counted, every text labelled."""
    rng = random.Random(f"reward {recipe.seed} {part}")
    problems = [training_problem(rng) for _ in range(recipe.part)]
    systems = [instruction("step_by_step", rng) if rng.random() < OTHER_WORDING else SYSTEM for _ in problems]
    prompts = [make_prompt(system, p.question) for system, p in zip(systems, problems, strict=True)]
    drawn = model.sample(
        prompts,
        recipe.samples,
        temperature=TEMPERATURES[part % 2],
        max_tokens=MAX_TOKENS,
        seed=recipe.seed * 100_000 + part,
    )
    groups = []
    for worked, system, samples in zip(problems, systems, drawn, strict=True):
        texts = Counter(text for sample in samples if (text := sample.text.strip()))
        for way in worked.ways:
            texts.setdefault(worked.written(way), 0)
        solutions = tuple(label(text, worked, count) for text, count in texts.items())
        groups.append(Group(worked.question, system, solutions))
    return groups


def collect(model: LanguageModel, recipe: Draw, folder: Path, made_from: str = "") -> list[Group]:
    """`recipe.problems` groups, the parts in `folder` read and the others drawn into it; with a progress bar.

    More problems later are added to those that are there. Parts of another recipe, or of a model of other
    weights (`made_from`), have other names and are not read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = json.dumps([recipe.samples, recipe.part, recipe.seed, model.name, made_from])
    stamp = hashlib.sha256(key.encode()).hexdigest()[:10]
    groups: list[Group] = []
    parts = -(-recipe.problems // recipe.part)
    for part in tqdm(range(parts), desc="samples", unit="part"):
        path = folder / f"{stamp}-{part:04d}.jsonl"
        if not path.exists():
            lines = [json.dumps(asdict(group)) for group in draw(model, recipe, part)]
            unfinished = path.with_suffix(".new")
            unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8")
            os.replace(unfinished, path)
        groups += _read(path)
    return groups[: recipe.problems]


def summary(groups: list[Group]) -> dict[str, float]:
    """What was drawn: pass@1, and how many problems have solutions of both kinds."""
    drawn = [[s for s in group.solutions if s.count] for group in groups]
    samples = sum(s.count for row in drawn for s in row)
    right = sum(s.count for row in drawn for s in row if s.right)
    return {
        "problems": len(groups),
        "samples": samples,
        "distinct solutions": sum(map(len, drawn)),
        "pass@1": right / max(1, samples),
        "problems with right and wrong samples": sum(len({s.right for s in row}) == 2 for row in drawn),
        "problems with a wrong sample": sum(any(not s.right for s in row) for row in drawn),
        "right answers by another way": sum(s.count for row in drawn for s in row if s.steps is None),
    }


def _equation(line: str) -> tuple[int, str, int, int] | None:
    """a, operator, b and result of a line `tag: a op b = result`; None for any other line."""
    found = EQUATION.fullmatch(line.strip())
    return (int(found[1]), found[2], int(found[3]), int(found[4])) if found else None


def _content(line: str) -> object:
    """What a line says, whatever its label and the order of two summands or factors."""
    if (equation := _equation(line)) is None:
        return line.strip()
    a, op, b, result = equation
    return (*sorted((a, b)), op, result) if op in "+*" else (a, b, op, result)


def _holds(line: str) -> bool:
    """Whether the line is an equation, and true."""
    if (equation := _equation(line)) is None:
        return False
    a, op, b, result = equation
    return compute(a, op, b) == result and (op != "/" or a == b * result)


def _read(path: Path) -> Iterator[Group]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        solutions = (
            Solution(
                s["text"], s["right"], s["steps"] if s["steps"] is None else tuple(s["steps"]), s["count"]
            )
            for s in row["solutions"]
        )
        yield Group(row["question"], row["system"], tuple(solutions))
