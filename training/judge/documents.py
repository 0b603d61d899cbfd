"""Questions for the judge: on the short documents of the course model and on longer ones."""

from __future__ import annotations

import random

from helpers.problems import held_out
from training.data.documents import report_question
from training.data.longer_documents import longer_question
from training.data.worked import Worked


def judge_question(rng: random.Random, tested: bool = False) -> Worked:
    """Four in ten on a short document, the others on a longer one; `tested`: those that are held out."""
    while True:
        worked = report_question(rng) if rng.random() < 0.4 else longer_question(rng)
        if worked is not None and held_out(worked.question) == tested:
            return worked
