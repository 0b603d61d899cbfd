"""Two copies of a model that learned puzzles on equal tokens, one from solutions and one from searches, and
what they solve at equal tokens (Gandhi et al. 2024, arXiv 2404.03683).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path
from statistics import fmean

from helpers.engine.local import LocalModel
from helpers.estimators import paired_difference
from helpers.models import LanguageModel
from helpers.problems import Puzzle, is_solved, make_puzzles
from helpers.prompts import make_prompt
from training.data.tasks import Conversation
from training.finetune import FineTuning, finetune
from training.pools import SYSTEM
from training.solutions import from_notebook
from training.streams import depth_first, final_path, practice_puzzles

NUMBERS, MAX_TOKENS, ROW, ROWS = 4, 700, 768, 6


def searches(puzzles: Sequence[Puzzle]) -> dict[Puzzle, str]:
    """The searches that find a solution, as texts."""
    linearise = from_notebook("08", "linearise").linearise
    texts = {puzzle: linearise(puzzle, depth_first(puzzle, seed=1)) for puzzle in puzzles}
    return {puzzle: text for puzzle, text in texts.items() if "Final:" in text}


def solves(puzzle: Puzzle, text: str) -> bool:
    """Whether the path that stands at the end of the text solves the puzzle."""
    path = final_path(puzzle, text)
    return path is not None and is_solved(puzzle, path)


def learned(lm: Path, texts: dict[Puzzle, str], steps: int, folder: Path) -> Path:
    """A copy of `lm` after so many steps on the texts; raises ValueError where they are too few."""
    talks = [
        Conversation((*make_prompt(SYSTEM, puzzle.question), {"role": "assistant", "content": text}))
        for puzzle, text in texts.items()
    ]
    recipe = FineTuning(steps=steps, row=ROW, rows=ROWS, matrix_rate=1e-3, other_rate=8e-4, compiled=False)
    return finetune(talks, lm, recipe, folder)


def puzzle_models(
    lm: Path,
    run: Path,
    puzzles: int,
    steps: int,
    held: int,
    pool_of: Callable[[LocalModel, str], LanguageModel],
) -> tuple[dict[str, list[float]], list[str]]:
    """For each way of learning whether it solved each held-out puzzle, and what came out in words."""
    drawn = practice_puzzles(NUMBERS, puzzles, seed=4)
    streams = searches(list(drawn))
    solutions = {p: "\n".join([*lines, f"Final: {p.target}"]) for p, lines in drawn.items()}
    texts = {"solutions": solutions, "searches": streams}
    asked = make_puzzles(NUMBERS, held, seed=4)
    prompts = [make_prompt(SYSTEM, p.question) for p in asked]
    models = {
        name: pool_of(LocalModel.load(learned(lm, of, steps, run / f"puzzles-{name}")), f"puzzles-{name}")
        for name, of in texts.items()
    }
    options = {"temperature": 1.0, "max_tokens": MAX_TOKENS, "seed": 6}
    streamed = models["searches"].sample(prompts, 1, **options)
    once = models["solutions"].sample(prompts, 1, **options)
    spent, each = (fmean(row[0].tokens for row in drawn) for drawn in (streamed, once))
    n = max(1, ceil(spent / each))
    many = models["solutions"].sample(prompts, n, **options)
    won = {
        "searches: one stream": [
            float(solves(p, row[0].text)) for p, row in zip(asked, streamed, strict=True)
        ],
        "solutions: one sample": [float(solves(p, row[0].text)) for p, row in zip(asked, many, strict=True)],
        f"solutions: any of {n}": [
            float(any(solves(p, s.text) for s in row)) for p, row in zip(asked, many, strict=True)
        ],
    }
    stream, _, several = won.values()
    gain = paired_difference(stream, several)
    verdict = "more" if gain.low > 0 else "fewer" if gain.high < 0 else "not settled which solves more"
    return won, [
        f"A stream has {spent:.0f} tokens on average, a solution {each:.0f}: {n} solutions for one stream.",
        f"Streams minus any of {n} solutions: {100 * gain.mean:+.1f} points "
        f"[{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]: {verdict}.",
        f"{len(streams)} of {len(drawn)} searches found a solution; only these were learned.",
    ]
