"""Writes the held-out problems: `python -m training.data.held_out` makes `prebuilt/problems/*.jsonl`.

The same on every run, and none of them can occur in training.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import asdict

from helpers.problems import Problem, TableQuestion, held_out
from helpers.problems.stored import FOLDER
from training.data.documents import report_question
from training.data.sql import table_question
from training.data.word_problems import word_problem
from training.data.worked import Size, large_sizes, small_sizes

EACH, CONTEXTS, TABLES = 200, 200, 200
SEED = 7


def word_set(name: str, steps: Iterable[int], size: Size) -> list[Problem]:
    """`EACH` word problems for every number of steps, `size` drawing their numbers."""
    rng, problems = random.Random(SEED), []
    for n in steps:
        questions: dict[str, str] = {}
        while len(questions) < EACH:
            worked = word_problem(n, rng, size)
            if held_out(worked.question):
                questions[worked.question] = str(worked.answer)
        problems += [
            Problem(f"{name}-{n}-{i:03d}", question, answer, "word", n)
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


def table_set() -> list[TableQuestion]:
    """`TABLES` questions on small tables, for queries."""
    rng, found = random.Random(SEED), []
    while len(found) < TABLES:
        asked = table_question(rng)
        if held_out(asked.question):
            name = f"sql-{len(found):03d}"
            found.append(
                TableQuestion(name, asked.question, asked.table, asked.columns, asked.rows, asked.answer)
            )
    return found


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    sets = {
        "word": word_set("word", range(1, 9), large_sizes),  # larger numbers than most in training
        "small": word_set("small", range(1, 4), small_sizes),
        "context": context_set(),
        "sql": table_set(),
    }
    for name, problems in sets.items():
        text = "".join(json.dumps(asdict(p), ensure_ascii=False) + "\n" for p in problems)
        (FOLDER / f"{name}.jsonl").write_text(text, encoding="utf-8")
        print(f"{len(problems)} problems in {FOLDER / name}.jsonl")


if __name__ == "__main__":
    main()
