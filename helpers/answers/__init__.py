r"""The final answer of a text, whether two answers are the same, and which vote an answer is.

Reading order: `reply` leaves what a model says to its reader; `extract` finds the answer in it, with `boxes`;
`canonical` is the one way to write it, and `typeset` makes LaTeX of typed mathematics; `matching` says what
is equal and what is one vote; `sums` reads what is worked out on the way. What needs algebra is decided by
`equivalence`, which compares `relations` and `expressions`, in a `process` of its own with a time limit.
"""

from helpers.answers.canonical import canonical, to_number
from helpers.answers.extract import extract_answer, stated_answer
from helpers.answers.matching import answers_match, vote_key
from helpers.answers.reply import without_thinking
from helpers.answers.sums import written_sums

__all__ = [
    "answers_match",
    "canonical",
    "extract_answer",
    "stated_answer",
    "to_number",
    "vote_key",
    "without_thinking",
    "written_sums",
]
