"""Feedback beside an exercise: what the learner's code gave, what was expected, and hints that grow.

A check tries its cases in order and stops at the first that fails: one thing to mend at a time. The first
hint is a nudge and stands open; each further one says more and opens with a click. Nothing is remembered
between two calls, nothing is graded, and a failed check never stops the notebook. The cases of the single
exercises are in `nb01` and its successors.
"""

import html
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real

from helpers.plots.figure import GREEN, VERMILLION

WIDTH = 600  # characters of a value that are shown
LEFT = "text-align:left;vertical-align:top"
PRE = "margin:0;white-space:pre-wrap;background:none;font-family:monospace"


def identical(yours: object, expected: object) -> bool:
    """Equal and of one kind, so that the integer 14 is not taken for the text "14"; floats within 1e-6."""
    if isinstance(expected, float):
        return isinstance(yours, Real) and not isinstance(yours, bool) and abs(yours - expected) <= 1e-6
    if isinstance(expected, int) and not isinstance(expected, bool):
        return isinstance(yours, Integral) and not isinstance(yours, bool) and yours == expected
    if isinstance(expected, dict) and isinstance(yours, dict):
        return yours.keys() == expected.keys() and all(identical(yours[k], expected[k]) for k in expected)
    if isinstance(expected, list) and isinstance(yours, list):
        return len(yours) == len(expected) and all(map(identical, yours, expected))
    return type(yours) is type(expected) and yours == expected


@dataclass(frozen=True)
class Case:
    """One thing to try: `run` computes the learner's value, `same(yours, expected)` judges it."""

    call: str  # what is tried, as the learner should read it
    run: Callable[[], object]
    expected: object
    hints: tuple[str, ...] = ()  # from a nudge to nearly the line of code
    same: Callable[[object, object], bool] = identical


@dataclass(frozen=True)
class Feedback:
    """The outcome of a check, as text and as HTML. `failed` is None when every case passed."""

    exercise: str
    passed: int
    total: int
    failed: Case | None = None
    yours: str = ""
    seen: str = ""  # what a success shows

    def __repr__(self) -> str:
        if self.failed is None:
            return f"✓ {self.exercise}: all {self.total} cases pass." + (
                f"\n{self.seen}" if self.seen else ""
            )
        hints = [(f"hint {i}", hint) for i, hint in enumerate(self.failed.hints, 1)]
        lines = [f"  {name + ':':10}{_indent(value)}" for name, value in [*self._shown(), *hints]]
        return "\n".join([f"✗ {self.exercise}: case {self.passed + 1} of {self.total}", *lines])

    def _repr_html_(self) -> str:
        name = f"<b>{'✗' if self.failed else '✓'} {html.escape(self.exercise)}</b>"
        if self.failed is None:
            seen = _pre(self.seen) if self.seen else ""
            return _box(GREEN, f"{name}: all {self.total} cases pass.{seen}")
        rows = "".join(
            f'<tr><th style="{LEFT}">{label}</th><td style="{LEFT}">{_pre(value)}</td></tr>'
            for label, value in self._shown()
        )
        hints = "".join(
            f"<details{' open' if i == 1 else ''}><summary>Hint {i}</summary>{_pre(hint)}</details>"
            for i, hint in enumerate(self.failed.hints, 1)
        )
        return _box(VERMILLION, f"{name}: case {self.passed + 1} of {self.total}<table>{rows}</table>{hints}")

    def _shown(self) -> list[tuple[str, str]]:
        return [("tried", self.failed.call), ("yours", self.yours), ("expected", _show(self.failed.expected))]


def feedback(exercise: str, cases: Sequence[Case], seen: Callable[[], str] = str) -> Feedback:
    """Try `cases` in order up to the first that fails; an error in the learner's code is a failure too.

    When all pass, what `seen` returns is shown, such as what the learner's code did.
    """
    for passed, case in enumerate(cases):
        try:
            yours = case.run()
            if case.same(yours, case.expected):
                continue
            shown = _show(yours)
            if yours is None and case.expected is not None:
                # after cases with a result it may be an answer of its own, such as an unread sample that won
                what = "None, or nothing," if passed else "nothing"
                shown += f"  ({what} is returned here: does each way through the function end in `return`?)"
            elif str(yours) == str(case.expected) or (isinstance(yours, bool) and yours == case.expected):
                shown += f"  (type {type(yours).__name__}, where {type(case.expected).__name__} is expected)"
        except NotImplementedError:
            shown = "nothing yet: put your lines in place of `raise NotImplementedError()` and run that cell"
        except Exception as error:
            shown = _describe(error)
        return Feedback(exercise, passed, len(cases), case, shown)
    return Feedback(exercise, len(cases), len(cases), seen=seen())


def check(exercise: str, cases: Sequence[Case], seen: Callable[[], str] = str) -> None:
    """Show the feedback on `cases`: as HTML in a notebook, else as text."""
    from IPython.display import display

    display(feedback(exercise, cases, seen))


def _show(value: object) -> str:
    """A value as Python writes it, but with its line breaks, and cut where it is long."""
    if isinstance(value, str):
        text = f"'''{value}'''" if "\n" in value else repr(value)
    elif isinstance(value, float):
        text = f"{value:.6g}"
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        text = "[" + ",\n ".join(map(_show, value)) + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{key!r}: {_show(item)}" for key, item in value.items()) + "}"
    else:
        text = repr(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _describe(error: Exception) -> str:
    """The error in one line, and the learner's own line in which it happened."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "ipykernel" in frame.filename]
    where = f"\nin line {frames[-1].lineno} of your cell: {frames[-1].line}" if frames else ""
    return f"an error: {type(error).__name__}: {error}{where}"


def _pre(text: str) -> str:
    return f'<pre style="{PRE}">{html.escape(text)}</pre>'


def _indent(text: str) -> str:
    return text.replace("\n", "\n" + " " * 12)


def _box(colour: str, inner: str) -> str:
    return f'<div style="border-left:4px solid {colour};padding:.3em .8em;margin:.3em 0">{inner}</div>'
