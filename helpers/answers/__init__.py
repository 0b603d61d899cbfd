r"""The final answer of a text, whether two answers are the same, and which vote an answer is.

Reading order: `extract` finds the answer in a text; `canonical` is the one way to write it; `matching` says
what is equal and what is one vote; `equivalence` decides what needs algebra, in a `process` of its own with a
time limit.
"""

from helpers.answers.canonical import canonical, to_number
from helpers.answers.extract import extract_answer, stated_answer, without_thinking
from helpers.answers.matching import answers_match, vote_key

__all__ = [
    "answers_match",
    "canonical",
    "extract_answer",
    "stated_answer",
    "to_number",
    "vote_key",
    "without_thinking",
]
