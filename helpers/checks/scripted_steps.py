"""A step model whose lines and scores are written by hand; records every call: for checks and tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from zlib import crc32

from helpers.search import State

Group = list[State]


class ScriptedSteps:
    """Has the methods of `helpers.search.StepModel`, and nothing in it is random.

    `line(state, i)` is the i-th line that is drawn from a state in one call, `mark(state)` its score,
    `answer(state, i)` how its i-th roll-out in one call ends. `calls` holds (method, groups or states, k) for
    each call.
    """

    def __init__(
        self,
        line: Callable[[State, int], str] | None = None,
        mark: Callable[[State], float] | None = None,
        answer: Callable[[State, int], str | None] | None = None,
    ):
        self.calls: list[tuple] = []
        self._line, self._mark, self._answer = line or plain_line, mark or plain_mark, answer

    def expand(self, groups: Sequence[Group], k: int) -> list[Group]:
        """As `StepModel.expand`: an unfinished state gives k states, a finished one stays."""
        groups = [list(group) for group in groups]
        self.calls.append(("expand", groups, k))
        drawn: Counter = Counter()
        return [[new for state in group for new in self._then(state, k, drawn)] for group in groups]

    def score(self, groups: Sequence[Group]) -> list[list[float]]:
        """As `StepModel.score`."""
        groups = [list(group) for group in groups]
        self.calls.append(("score", groups, 0))
        return [[self._mark(state) for state in group] for group in groups]

    def roll_out(self, states: Sequence[State], k: int) -> list[list[str | None]]:
        """As `StepModel.roll_out`."""
        self.calls.append(("roll_out", list(states), k))
        drawn: Counter = Counter()
        rows = []
        for state in states:
            start, key = drawn[state.problem, state.lines], (state.problem, state.lines)
            drawn[key] += k
            own = state.lines[-1].removeprefix("Final:").strip() if state.finished else ""
            rows.append([own] if state.finished else [self._answer(state, start + i) for i in range(k)])
        return rows

    def _then(self, state: State, k: int, drawn: Counter) -> Group:
        if state.finished:
            return [state]
        start = drawn[state.problem, state.lines]
        drawn[state.problem, state.lines] += k
        return [state.then(self._line(state, start + i)) for i in range(k)]


def plain_line(state: State, i: int) -> str:
    """A line that depends on the state and on i; from the second line on one in four ends the solution."""
    number = crc32(f"{state.problem} {state.lines} {i % 5}".encode())
    ends = len(state.lines) > 0 and number % 4 == 0
    return f"Final: {number % 7}" if ends else f"line {number % 1000}"


def plain_mark(state: State) -> float:
    """A score in tenths, so that some states tie."""
    return crc32(f"{state.problem} {state.lines}!".encode()) % 11 / 10
