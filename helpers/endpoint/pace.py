"""Sizes that fit the model: what long work will cost, said before it begins, and less of it where it is slow.

pace = Pace(model, MINUTES)
problems = pace.cut(problems, samples=8, tokens=256)
3,200 replies of about 230 tokens: 736,000 tokens, 20 minutes at 610 tokens/s (smollm2)
Cut from 240 to 100, as all would take 48 minutes: intervals become about 1.5 times as wide.

The sizes in the notebooks are written for the models of the course. Those are neither measured nor cut,
unless MINUTES is set. While nbgrader runs a notebook, nothing is measured, cut or said.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import TypeVar

import config
from config import ROOT
from helpers.endpoint.estimate import Estimate, estimate
from helpers.models import LanguageModel, Sample
from helpers.prompts import FINAL_FORMAT, make_prompt

COURSE_MODELS = ROOT / "prebuilt" / "models"
LONGEST = 20.0  # minutes a notebook may take where MINUTES is not set
FIRST_TOKENS, PATIENCE = 8, 2.0  # a model that needs more seconds for so few tokens is asked for no more
SIDE_BY_SIDE, LONG_REPLY = 4, 128  # replies to each question of the draw, and the tokens of one
SYSTEM = f"Reason step by step. {FINAL_FORMAT}"
STORY = "A box holds {} pens. {} are taken out, then {} are put in. How many pens are in the box?"
QUESTIONS = [STORY.format(n, n // 3, n // 2) for n in (24, 36, 48, 60)]

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Speed:
    """Output tokens a second, the length of replies (None: it was cut off), and tokens of a prompt."""

    tokens: float
    lengths: tuple[int | None, ...]
    prompt_tokens: float

    def length(self, most: int) -> float:
        """Mean tokens of a reply that has room for `most`; a reply that was cut off counts as so many."""
        return fmean(min(length or most, most) for length in self.lengths)


class Pace:
    """What `model` needs for long work. `minutes`: for the whole notebook; None is LONGEST, and for the
    models of the course no limit. Prices come from `.env`: PRICES.
    """

    def __init__(
        self,
        model: LanguageModel,
        minutes: float | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ):
        if minutes is not None and not minutes > 0:
            raise ValueError(f"MINUTES must be above 0, or None for sizes as written; it is {minutes!r}.")
        self._model, self._minutes, self._clock = model, minutes, clock
        self._speed: Speed | None = None
        graded = bool(os.environ.get("NBGRADER_EXECUTION"))
        written_for = minutes is None and (COURSE_MODELS / model.name).is_dir()
        self._free = graded or written_for
        if written_for and not graded:
            print(f"All sizes are as written, which suits {model.name}. MINUTES would cut them.")

    def cut(
        self,
        things: Sequence[Thing],
        samples: float,
        tokens: int = 256,
        *,
        share: float = 1.0,
        least: int = 2,
    ) -> list[Thing]:
        """As many of `things`, evenly spread over their order, as the time allows; see `size`."""
        n = self.size(len(things), samples, tokens, share=share, least=least)
        return [things[i * len(things) // n] for i in range(n)]

    def size(
        self, written: int, replies: float, tokens: int = 256, *, share: float = 1.0, least: int = 2
    ) -> int:
        """`written`, or less where the model is too slow for it; what the work will cost is printed.

        Each of the `written` things (problems, samples) costs `replies` replies of at most `tokens` tokens
        in the whole notebook; all of them may take `share` of its minutes. Never below `least`.
        """
        if self._free or not written:
            return written
        whole = self._estimate(written * replies, tokens)
        limit = share * (self._minutes or LONGEST)
        n = written if whole.minutes <= limit else int(written * limit / whole.minutes + 1e-6)
        n = min(written, max(least, n))
        print(f"{self._estimate(n * replies, tokens)} ({self._model.name})")
        if n < written:
            wider = sqrt(written / n)
            print(
                f"Cut from {written} to {n}, as all would take {whole.minutes:,.0f} minutes: intervals "
                f"become about {wider:.1f} times as wide. MINUTES, at the top, says how long it may take."
            )
        return n

    def _estimate(self, replies: float, tokens: int) -> Estimate:
        self._speed = self._speed or measured(self._model, self._clock)
        speed = self._speed
        return estimate(
            round(replies),
            speed.length(tokens),
            speed.tokens,
            prompt_tokens=speed.prompt_tokens,
            prices=config.PRICES,
        )


def measured(model: LanguageModel, clock: Callable[[], float] = time.perf_counter) -> Speed:
    """The speed of a short draw: a few tokens, and then 16 replies unless those took long.

    A larger batch is faster, so long work takes less time than this says, rather than more.
    """
    prompts = [make_prompt(SYSTEM, question) for question in QUESTIONS]
    options = {"temperature": 0.7, "seed": 0}
    start = clock()
    drawn = model.sample(prompts[:1], 1, max_tokens=FIRST_TOKENS, **options)
    if clock() - start <= PATIENCE:
        start = clock()
        drawn = model.sample(prompts, SIDE_BY_SIDE, max_tokens=LONG_REPLY, **options)
    seconds = max(clock() - start, 1e-6)
    replies: list[Sample] = [sample for samples in drawn for sample in samples]
    lengths = tuple(None if s.finish_reason == "length" else s.tokens for s in replies)
    total = max(1, sum(s.tokens for s in replies))
    return Speed(total / seconds, lengths, fmean(s.prompt_tokens for s in replies))
