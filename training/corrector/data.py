"""What the corrector learns from: the course model's own solutions, each with the one it should become.

A wrong solution is paired with the right one of the same problem that is most like it, a right one with
itself ("Learning to self-correct", Welleck et al. 2022, arXiv 2211.00053); the same groups and seed give the
same pairs.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from training.data.tasks import Conversation, check_request
from training.reward.data import Group, Solution


@dataclass(frozen=True)
class Pair:
    """A solution of a problem, and the better one that the corrector is to write; equal where it is right
    already.
    """

    question: str
    draft: str
    better: str

    @property
    def kept(self) -> bool:
        """Whether the draft is to be kept."""
        return self.draft == self.better


def flawless(solution: Solution) -> bool:
    """Whether the answer is right and no line is known to be wrong."""
    return solution.right and (solution.steps is None or all(solution.steps))


def most_like(draft: str, solutions: Sequence[Solution]) -> str:
    """The flawless solution that shares most of its lines with `draft`; the first one of equals."""
    lines = draft.split("\n")
    return max(
        (s.text for s in solutions if flawless(s)),
        key=lambda text: SequenceMatcher(None, lines, text.split("\n"), autojunk=False).ratio(),
    )


def pairs_of(group: Group, wrong: int, right: int, rng: random.Random) -> list[Pair]:
    """At most `wrong` wrong and `right` flawless solutions of a problem, each with its better one; what was
    drawn more often is more likely to be chosen.
    """
    if not any(map(flawless, group.solutions)):
        return []
    drawn = sorted(
        (s for s in group.solutions if s.count), key=lambda s: rng.random() ** (1 / s.count), reverse=True
    )  # Efraimidis, Spirakis 2006
    chosen = [s.text for s in drawn if not s.right][:wrong]
    pairs = [Pair(group.question, text, most_like(text, group.solutions)) for text in chosen]
    return pairs + [Pair(group.question, s.text, s.text) for s in drawn if flawless(s)][:right]


def make_pairs(groups: Sequence[Group], wrong: int, right: int, seed: int) -> list[Pair]:
    """The pairs of all problems, in a random order."""
    rng = random.Random(f"pairs {seed}")
    pairs = [pair for group in groups for pair in pairs_of(group, wrong, right, rng)]
    rng.shuffle(pairs)
    return pairs


def conversations(pairs: Sequence[Pair], seed: int) -> list[Conversation]:
    """Each pair as a request to check the draft, in the forms that course-lm learned with made-up slips."""
    rng = random.Random(f"requests {seed}")
    return [check_request(pair.question, pair.draft, pair.better, rng) for pair in pairs]
