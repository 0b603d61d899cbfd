"""What a guided search needs: a language model that writes line by line, and a reward model that reads each
line.

A group is the partial solutions of one search, a list of `State`s. All groups are written on and read
together, so many problems are searched at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.answers import extract_answer
from helpers.models import LanguageModel, Message
from helpers.prompts import make_prompt
from helpers.search.reading import last_lines
from helpers.search.states import State

if TYPE_CHECKING:
    from helpers.rewards import StepReward

Group = list[State]
GAVE_UP = "Final:"  # an end without an answer
MAX_LINE, MAX_TOKENS = 48, 256  # tokens of one line, and of a roll-out


class StepModel:
    """`model` writes lines, `reward` reads them; `State.problem` is a place in `questions`.

    `written` and `read` count, for each problem, the tokens that were drawn and the lines that the reward
    model scored; no line is read twice. Every draw has a seed of its own, made of `seed` and the number of
    draws before it.
    """

    def __init__(
        self,
        model: LanguageModel,
        reward: StepReward | None,
        questions: Sequence[str],
        system: str,
        *,
        temperature: float = 1.0,
        seed: int = 0,
    ):
        self.model, self.reward, self.questions = model, reward, list(questions)
        self.system, self.temperature, self._seed, self._draws = system, temperature, seed, 0
        self.written, self.read = [0] * len(self.questions), [0] * len(self.questions)
        self._scores: dict[tuple, float] = {}
        self._last_lines = last_lines(reward)

    def expand(self, groups: Sequence[Group], k: int) -> list[Group]:
        """Each group one line further on: k new states for each unfinished one, in order; a finished one
        stays once.

        A model that ends without an answer gives up: its last line is `Final:` alone.
        """
        wanted = Counter(_key(state) for group in groups for state in group if not state.finished)
        drawn = self._draw(
            {key: k * count for key, count in wanted.items()}, max_tokens=MAX_LINE, stop=["\n"]
        )
        lines = {key: iter(samples) for key, samples in drawn.items()}
        return [
            [new for state in group for new in ([state] if state.finished else self._then(state, lines, k))]
            for group in groups
        ]

    def score(self, groups: Sequence[Group]) -> list[list[float]]:
        """For each state the reward of its last line: the probability, in [0, 1], that all is right up to
        there.

        A root has said nothing wrong: 1.
        """
        wanted = dict.fromkeys(_key(state) for group in groups for state in group if state.lines)
        new = [key for key in wanted if key not in self._scores]
        rows = self._last_lines([self._solution(key) for key in new]) if new else []
        for key, score in zip(new, rows, strict=True):
            self._scores[key] = score
            self.read[key[0]] += 1
        return [[self._scores.get(_key(state), 1.0) for state in group] for group in groups]

    def roll_out(self, states: Sequence[State], k: int) -> list[list[str | None]]:
        """For each state the answers of k completions of it; None where one could not be read.

        A finished state has one answer already, its own, and no model runs for it.
        """
        wanted = Counter(_key(state) for state in states if not state.finished)
        drawn = self._draw({key: k * count for key, count in wanted.items()}, max_tokens=MAX_TOKENS)
        ends = {key: iter(samples) for key, samples in drawn.items()}
        return [
            [answer_of(state)]
            if state.finished
            else [_answer(next(ends[_key(state)]).text) for _ in range(k)]
            for state in states
        ]

    def _then(self, state: State, lines: dict, k: int) -> Group:
        samples = [next(lines[_key(state)]) for _ in range(k)]
        return [state.then(s.text if s.text.strip() else GAVE_UP, s.logprob) for s in samples]

    def _draw(self, wanted: dict[tuple, int], **options) -> dict[tuple, list]:
        """So many samples for each (problem, lines): equal conversations would get equal samples, so each is
        asked once.
        """
        found = {}
        self._draws += 1
        for count in sorted(set(wanted.values())):
            keys = [key for key, n in wanted.items() if n == count]
            rows = self.model.sample(
                [self._conversation(key) for key in keys],
                count,
                temperature=self.temperature,
                seed=self._seed * 100_003 + self._draws,
                **options,
            )
            found |= dict(zip(keys, rows, strict=True))
        for (problem, _), samples in found.items():
            self.written[problem] += sum(sample.tokens for sample in samples)
        return found

    def _conversation(self, key: tuple[int, tuple[str, ...]]) -> list[Message]:
        asked = make_prompt(self.system, self.questions[key[0]])
        return asked + [{"role": "assistant", "content": _text(key[1])}] * bool(key[1])

    def _solution(self, key: tuple[int, tuple[str, ...]]) -> list[Message]:
        """What the reward model reads: the question without the instruction, and the lines."""
        asked = make_prompt("", self.questions[key[0]])
        return [*asked, {"role": "assistant", "content": _text(key[1])}]


def answer_of(state: State) -> str | None:
    """The answer that a finished state states; None where it is unfinished or gave up."""
    return _answer(state.lines[-1]) if state.finished else None


def _answer(text: str) -> str | None:
    return extract_answer(text) if "Final:" in text else None


def _key(state: State) -> tuple[int, tuple[str, ...]]:
    return state.problem, state.lines


def _text(lines: Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)
