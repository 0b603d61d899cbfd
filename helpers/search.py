"""States of a search over steps, what a search costs, and the search as a picture.

A state is a partial solution: the lines written so far, one step a line. A level of a search is a triple
(states, scores, kept): all states that were compared at this depth, the score of each, and those that the search
went on with. Promises: a picture shows every state once, with its parent, and says whether it was kept, pruned or
the answer. Knows nothing of how states are made, scored or chosen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf

from helpers.models import LanguageModel, Message, Sample
from helpers.plots.figure import Figure
from helpers.plots.html import Node, tree

LAST_LINE = re.compile(
    r"\W*Final:.*|.*\(left: \S+\)\s*"
)  # an answer; or a puzzle's step that leaves one number
LEFT = re.compile(r" \(left: ([^)]*)\)")  # shown on a line of its own


@dataclass(frozen=True)
class State:
    """A partial solution of problem number `problem`: its `lines`, and how probable the model found them.

    `logprob` is the sum over all tokens of the lines (natural logarithm). A state without lines is a root.
    """

    problem: int
    lines: tuple[str, ...] = ()
    logprob: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether the last line gives the answer: `Final: 14`, or a puzzle's step after which one number is left."""
        return bool(self.lines) and LAST_LINE.fullmatch(self.lines[-1]) is not None

    def then(self, line: str, logprob: float = 0.0) -> State:
        """The state one line further on."""
        return State(self.problem, (*self.lines, line), self.logprob + logprob)


Level = tuple[Sequence[State], Sequence[float], Sequence[State]]


class Meter:
    """A language model that counts, for each conversation, the tokens that `model` generates in it.

    Whatever the assistant has said already belongs to the conversation, so all of a search counts as one.
    """

    def __init__(self, model: LanguageModel):
        self.model, self.name = model, model.name
        self._tokens: Counter[tuple[str, ...]] = Counter()

    def sample(self, prompts: Sequence[list[Message]], n: int = 1, **options) -> list[list[Sample]]:
        """What `model.sample` returns."""
        drawn = self.model.sample(prompts, n, **options)
        for prompt, samples in zip(prompts, drawn, strict=True):
            self._tokens[_asked(prompt)] += sum(sample.tokens for sample in samples)
        return drawn

    def tokens(self, prompt: list[Message]) -> int:
        """Tokens generated so far in the conversation that `prompt` opened."""
        return self._tokens[_asked(prompt)]


def draw_search(
    levels: Sequence[Level],
    answer: State | None,
    *,
    problem: int,
    root: str,
    title: str,
    model: str,
) -> Figure:
    """The search of one problem as a tree, from the question `root` on the left to `answer` on the right.

    The path to `answer` is highlighted, pruned states are grey; the number under a step is its score.
    """
    return tree(search_nodes(levels, answer, problem=problem, root=root), title=title, model=model)


def search_nodes(levels: Sequence[Level], answer: State | None, *, problem: int, root: str) -> list[Node]:
    """The nodes of one problem's search, parents before children. A state that stays in the search over several
    levels is one node, with the score and the fate of its last level.
    """
    last: dict[tuple[str, ...], tuple[float, bool]] = {}
    for states, scores, kept in levels:
        stays = {state.lines for state in kept if state.problem == problem}
        for state, score in zip(states, scores, strict=True):
            if state.problem == problem:
                last[state.lines] = (score, state.lines in stays)
    path = {answer.lines[:end] for end in range(len(answer.lines) + 1)} if answer else set()
    nodes, place = [Node(root, None, "answer" if answer else "kept")], {(): 0}
    for lines, (score, stays) in sorted(last.items(), key=lambda item: len(item[0])):
        fate = "answer" if lines in path else "kept" if stays else "pruned"
        place[lines] = len(nodes)
        note = "ruled out" if isinf(score) else f"{score:.2f}"
        nodes.append(Node(LEFT.sub(r"\nleft \1", lines[-1]), place[lines[:-1]], fate, note))
    return nodes


def _asked(prompt: Sequence[Message]) -> tuple[str, ...]:
    """The conversation without what the assistant has begun to say."""
    said = prompt[:-1] if prompt[-1]["role"] == "assistant" else prompt
    return tuple(message["content"] for message in said)
