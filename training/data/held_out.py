"""Writes the held-out problems: `python -m training.data.held_out` makes `prebuilt/problems/*.jsonl`.

The same on every run, and none of them can occur in training.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict

from helpers.problems import FOLDER, Problem, held_out
from training.data.documents import report_question
from training.data.word_problems import word_problem
from training.data.worked import large_sizes

EACH, CONTEXTS = 200, 200
SEED = 7


def word_set() -> list[Problem]:
    """`EACH` word problems of 1, 2, … 8 steps, with larger numbers than most that the model was trained
    on.
    """
    rng, problems = random.Random(SEED), []
    for steps in range(1, 9):
        questions: dict[str, str] = {}
        while len(questions) < EACH:
            worked = word_problem(steps, rng, large_sizes)
            if held_out(worked.question):
                questions[worked.question] = str(worked.answer)
        problems += [
            Problem(f"word-{steps}-{i:03d}", question, answer, "word", steps)
            for i, (question, answer) in enumerate(questions.items())
        ]
    return problems


def context_set() -> list[Problem]:
    """`CONTEXTS` questions on short reports."""
    rng, problems = random.Random(SEED), []
    while len(problems) < CONTEXTS:
        worked = report_question(rng)
        if held_out(worked.question):
            report = worked.question.removeprefix("Context:\n").rsplit("\n\n", 1)[0]
            problems.append(
                Problem(
                    f"context-{len(problems):03d}",
                    worked.question,
                    str(worked.answer),
                    "context",
                    worked.steps,
                    report,
                )
            )
    return problems


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, problems in (("word", word_set()), ("context", context_set())):
        text = "".join(json.dumps(asdict(p), ensure_ascii=False) + "\n" for p in problems)
        (FOLDER / f"{name}.jsonl").write_text(text, encoding="utf-8")
        print(f"{len(problems)} problems in {FOLDER / name}.jsonl")


if __name__ == "__main__":
    main()
