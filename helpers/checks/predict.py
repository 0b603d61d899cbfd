"""A guess before each figure, what came out beside it, and at the end how well one predicted.

    predict = Predictions()
    predict("right of four, at once", ..., within=0)  # the learner writes a number in place of ...
    predict.outcome("right of four, at once", 2)
    predict.table()

Nothing leaves the notebook's session. A guess that is missing or unreadable is said and never stops the
notebook; one that comes after its outcome is not taken.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

from IPython.display import display

from helpers.plots.figure import BLUE

Value = float | str
NOT_YET = (None, ..., "")


@dataclass(frozen=True)
class Prediction:
    """One question. `guess` and `came_out` are None until they are there; a guess is close up to `within`."""

    name: str
    within: float = 0
    unit: str = ""
    guess: Value | None = None
    came_out: Value | None = None

    @property
    def verdict(self) -> str:
        """ "as you said", "close", "off by 12 points", "something else"; empty as long as one of the two is
        missing.
        """
        if self.guess is None or self.came_out is None:
            return ""
        if isinstance(self.guess, str) or isinstance(self.came_out, str):
            return "as you said" if self.guess == self.came_out else "something else"
        distance = abs(self.guess - self.came_out)
        if distance <= 1e-9:
            return "as you said"
        unit = " points" if self.unit == " %" else self.unit
        return "close" if distance <= self.within else f"off by {_shown(distance)}{unit}"

    @property
    def hit(self) -> bool:
        """Whether the guess was right or close."""
        return self.verdict in ("as you said", "close")

    def cells(self) -> tuple[str, str, str, str]:
        """The row of the table: name, guess, outcome, verdict."""
        said, came = ("-" if v is None else _shown(v) + self.unit for v in (self.guess, self.came_out))
        return self.name, said, came, self.verdict


class Table:
    """Predictions as text and as an HTML table, with one sentence above."""

    HEAD = ("question", "you said", "came out", "")

    def __init__(self, sentence: str, rows: Sequence[Prediction]) -> None:
        self.sentence, self.rows = sentence, [row.cells() for row in rows]

    def __repr__(self) -> str:
        lines = [self.HEAD, *self.rows] if self.rows else []
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        texts = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        return "\n".join([self.sentence, *texts])

    def _repr_html_(self) -> str:
        def row(cells: Sequence[str], tag: str) -> str:
            return (
                "<tr>"
                + "".join(f'<{tag} style="text-align:left">{html.escape(cell)}</{tag}>' for cell in cells)
                + "</tr>"
            )

        body = row(self.HEAD, "th") + "".join(row(cells, "td") for cells in self.rows)
        table = f"<table>{body}</table>" if self.rows else ""
        shown = html.escape(self.sentence) + table
        return f'<div style="border-left:4px solid {BLUE};padding:.3em .8em">{shown}</div>'


class Predictions:
    """The guesses of one notebook and what came out, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._asked: dict[str, Prediction] = {}

    def __call__(
        self, name: str, guess: object, *, within: float = 0, unit: str = "", choices: Sequence[str] = ()
    ) -> None:
        """Record a guess: a number, or one of `choices`. The last guess before the outcome counts."""
        known = self._asked.get(name, Prediction(name))
        if known.came_out is not None:
            if guess != known.guess:
                self._say(f"{name}: this came out already. What you said before it counts.")
            return
        problem = _problem(guess, choices)
        value = None if problem else guess if choices else float(guess)
        self._asked[name] = Prediction(name, within, unit, value)
        said = problem or f"you said {_shown(value)}{unit}. Now run on."
        self._say(f"{name}: {said}")

    def outcome(self, name: str, value: object) -> None:
        """Record what came out, and show it beside the guess, where there is one."""
        known = self._asked.get(name, Prediction(name))
        value = value if isinstance(value, str) else float(value)
        done = Prediction(name, known.within, known.unit, known.guess, value)
        self._asked[name] = done
        if done.guess is None:
            self._say(f"{name}: {_shown(value)}{done.unit} (no guess was written before).")
        else:
            _, said, came, verdict = done.cells()
            self._say(f"{name}: you said {said}, it came out as {came}: {verdict}.")

    def table(self) -> None:
        """How well did you predict? One row for each question that came out."""
        rows = [row for row in self._asked.values() if row.came_out is not None]
        guessed = [row for row in rows if row.guess is not None]
        hits = sum(row.hit for row in guessed)
        guesses = f"You guessed at {len(guessed)} of {len(rows)} outcomes"
        sentence = f"{guesses}; {hits} of the guesses were right or close."
        display(Table(sentence, rows))

    @staticmethod
    def _say(sentence: str) -> None:
        display(Table(sentence, []))


def _problem(guess: object, choices: Sequence[str]) -> str:
    """Why `guess` cannot be taken, or nothing."""
    wanted = "one of " + ", ".join(map(repr, choices)) if choices else "a number (without quotes)"
    if any(guess is nothing for nothing in NOT_YET[:2]) or guess == NOT_YET[2]:
        return f"no guess yet. Write {wanted} in place of the three dots, and run this cell again."
    good = guess in choices if choices else isinstance(guess, Real) and not isinstance(guess, bool)
    return "" if good else f"{guess!r} cannot be read. Write {wanted}."


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else f"{round(value, 2):g}"
