"""The competition problems of MATH-500, and what stands in for them where they cannot be had."""

from __future__ import annotations

import socket
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from helpers.answers.canonical import canonical
from helpers.problems.questions import Problem, multiplication_problems
from helpers.problems.stored import draw

MATH = "HuggingFaceH4/MATH-500"  # 500 problems of Hendrycks et al. 2021, drawn by Lightman et al. 2023


def math_problems(
    n: int, seed: int = 0, source: str | Path = MATH, *, digits: tuple[int, int] = (3, 2)
) -> list[Problem]:
    """`n` of the 500 problems of MATH-500: school competitions, answers in LaTeX; too hard for `course-lm`.

    Ask for the answer with `prompts.answer_format`, which wants a box. `source`: the data set on the model
    hub, which `datasets` downloads once and keeps, or a folder with a copy. Where it cannot be had a line is
    printed, and products with so many `digits` stand in for it. Raises ValueError for more than there are.
    """
    try:
        rows = _math_rows(str(source))
    except Exception as error:  # no network shows in a dozen ways, one for each layer below
        print(
            f"{source} could not be loaded ({type(error).__name__}: no network, and no copy in the cache): "
            f"{n} multiplication problems of the workshop stand in for it."
        )
        return multiplication_problems(digits, n, seed)
    return draw(
        [_math_problem(row, number) for number, row in enumerate(rows)], n, seed, f"problems in {source}"
    )


def _math_rows(source: str) -> list[dict]:
    import datasets

    shown = not datasets.are_progress_bars_disabled()
    offline, level = datasets.config.HF_HUB_OFFLINE, datasets.logging.get_verbosity()
    datasets.disable_progress_bars()  # half a megabyte
    datasets.logging.set_verbosity_error()
    # without a network it would try for half a minute before it looks into its cache
    datasets.config.HF_HUB_OFFLINE = offline or not (Path(source).is_dir() or _hub_answers())
    try:
        return list(datasets.load_dataset(source, split="test"))
    finally:
        datasets.config.HF_HUB_OFFLINE = offline
        datasets.logging.set_verbosity(level)
        if shown:
            datasets.enable_progress_bars()


def _hub_answers() -> bool:
    import datasets

    if urllib.request.getproxies():
        return True
    try:
        socket.create_connection((urlsplit(datasets.config.HF_ENDPOINT).hostname, 443), timeout=5).close()
    except OSError:
        return False
    return True


def _math_problem(row: dict, number: int) -> Problem:
    return Problem(row.get("unique_id") or f"math-{number}", row["problem"], canonical(row["answer"]), "math")
