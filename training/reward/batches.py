"""Labelled solutions as rows of token ids: a problem is read once, and each of its solutions sees only the
problem.

Right and wrong solutions of a problem stand in one row, as evenly as there are; what a solution's tokens see
is what the reward model and the step reward read in `helpers.rewards`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from transformers import PreTrainedTokenizerFast

from helpers.engine.chat_template import ChatTokenizer
from helpers.prompts import make_prompt
from training.reward.data import SYSTEM, Group, Solution

OPEN_ROWS = 24


@dataclass(frozen=True)
class Encoded:
    """A problem and some solutions as tokens, laid out one behind the other.

    `position` restarts behind the problem for every solution; `answer` is 0 for the problem, else the
    solution's number. A solution's last two tokens, the end of the turn and a newline, take the same
    position: the outcome is read at the first (`ends`), which nothing sees (`leaf`), the last step at the
    second. `steps` are the places of the newlines that carry a label.
    """

    ids: tuple[int, ...]
    position: tuple[int, ...]
    answer: tuple[int, ...]
    leaf: tuple[bool, ...]
    ends: tuple[int, ...]
    right: tuple[bool, ...]
    steps: tuple[int, ...]
    labels: tuple[bool, ...]


@dataclass(frozen=True)
class LabelledRows:
    """Packed problems. Arrays [rows, length]: `ids`, `position`, `problem` (its number in the row, 0 is
    padding), `answer`, `leaf`. Labels as arrays [solutions, 4] `ends` (row, column, problem, right) and
    [steps, 3] `steps` (row, column, right so far), ordered by row.
    """

    ids: np.ndarray
    position: np.ndarray
    problem: np.ndarray
    answer: np.ndarray
    leaf: np.ndarray
    ends: np.ndarray
    steps: np.ndarray


def encode(
    group: Group, tokenizer: PreTrainedTokenizerFast, length: int, most: int, rng: random.Random
) -> Encoded | None:
    """At most `most` solutions of a problem, right and wrong by turns, as many as fit into `length` tokens.

    What was drawn more often is more likely to be among them; the generator's own solution is, when no right
    one was drawn. None when no pair of a right and a wrong solution fits.
    """
    ids = list(_prompt(group.question, tokenizer))
    prompt, chosen = len(ids), []
    position, answer, leaf = list(range(prompt)), [0] * prompt, [False] * prompt
    ends, steps, labels = [], [], []
    for solution in _by_turns(group.solutions, rng):
        tokens, newlines = _answer(solution.text, tokenizer)
        if len(ids) + len(tokens) > length or len(chosen) == most:
            break
        start, n = len(ids), len(tokens)
        chosen.append(solution.right)
        ids += tokens
        position += [*range(prompt, prompt + n - 1), prompt + n - 2]
        answer += [len(chosen)] * n
        leaf += [False] * (n - 2) + [True, False]
        ends.append(start + n - 2)
        if solution.steps is not None:
            steps += [start + at for at in newlines]
            labels += solution.steps
    if len(set(chosen)) < 2:
        return None
    return Encoded(*map(tuple, (ids, position, answer, leaf, ends, chosen, steps, labels)))


def pack(encoded: Sequence[Encoded], length: int, rng: random.Random) -> LabelledRows:
    """Whole problems packed into rows of `length` tokens, best fit among a window; the rows in random
    order.
    """
    rows: list[list[Encoded]] = []
    room: dict[int, int] = {}
    for example in encoded:
        size = len(example.ids)
        row = min((r for r in room if room[r] >= size), key=room.get, default=None)
        if row is None:
            row = len(rows)
            rows.append([])
            room[row] = length
            if len(room) > OPEN_ROWS:
                del room[min(room, key=room.get)]
        rows[row].append(example)
        if row in room:
            room[row] -= size
    rng.shuffle(rows)
    return _arrays(rows, length)


def _arrays(rows: list[list[Encoded]], length: int) -> LabelledRows:
    ids, position, problem, answer = (np.zeros((len(rows), length), np.int16) for _ in range(4))
    leaf, ends, steps = np.zeros((len(rows), length), bool), [], []
    for r, row in enumerate(rows):
        at = 0
        for number, example in enumerate(row, 1):
            span = slice(at, at + len(example.ids))
            ids[r, span], position[r, span] = example.ids, example.position
            problem[r, span], answer[r, span], leaf[r, span] = number, example.answer, example.leaf
            ends += [(r, at + e, number, right) for e, right in zip(example.ends, example.right, strict=True)]
            steps += [(r, at + s, good) for s, good in zip(example.steps, example.labels, strict=True)]
            at += len(example.ids)
    return LabelledRows(
        ids,
        position,
        problem,
        answer,
        leaf,
        np.array(ends, int).reshape(-1, 4),
        np.array(steps, int).reshape(-1, 3),
    )


def visible(problem, answer, leaf):
    """Which token sees which, a boolean tensor [rows, 1, length, length]: those before it in its own solution
    and in the problem, but not the end of a turn.
    """
    import torch

    length = problem.shape[1]
    eye = torch.eye(length, dtype=torch.bool, device=problem.device)
    causal = torch.ones_like(eye).tril()
    same = problem[:, :, None] == problem[:, None, :]
    branch = (answer[:, None, :] == 0) | (answer[:, :, None] == answer[:, None, :])
    return (same & causal & branch & (~leaf[:, None, :] | eye))[:, None]


def _by_turns(solutions: Sequence[Solution], rng: random.Random) -> list[Solution]:
    """A right one, a wrong one, ... and then the rest; in a random order weighted by how often they were
    drawn.
    """
    drawn = [s for s in solutions if s.count]
    right, wrong = ([s for s in drawn if s.right is kind] for kind in (True, False))
    right = right or [s for s in solutions if s.right]
    right, wrong = (
        sorted(
            kind, key=lambda s: rng.random() ** (1 / max(1, s.count)), reverse=True
        )  # Efraimidis, Spirakis 2006
        for kind in (right, wrong)
    )
    pairs = [s for pair in zip(right, wrong, strict=False) for s in pair]
    both = min(len(right), len(wrong))
    return pairs + right[both:] + wrong[both:]


def _prompt(question: str, tokenizer: PreTrainedTokenizerFast) -> tuple[int, ...]:
    return ChatTokenizer(tokenizer).encode(make_prompt(SYSTEM, question))


@lru_cache(maxsize=100_000)
def _pieces(line: str, tokenizer: PreTrainedTokenizerFast) -> tuple[int, ...]:
    return tuple(tokenizer(line, add_special_tokens=False)["input_ids"])


def _answer(text: str, tokenizer: PreTrainedTokenizerFast) -> tuple[list[int], list[int]]:
    """Token ids of a solution with the end of its turn and one more newline, and where its steps end."""
    *lines, last = text.split("\n")
    ids, newlines = [], []
    for line in lines:
        ids += _pieces(line + "\n", tokenizer)
        if line.strip():
            newlines.append(len(ids) - 1)
    ids += [*_pieces(last, tokenizer), tokenizer.eos_token_id, *_pieces("\n", tokenizer)]
    return ids, [*newlines, len(ids) - 1]
