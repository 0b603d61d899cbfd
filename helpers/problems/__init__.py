"""Problems to ask a model, and puzzles and tables, on which what it writes can be tried.

The same arguments give the same problems, and every one is held out from the training of the course models.
`Problem.answer` is canonical text. What stands in for a data set that cannot be had says so.
"""

from helpers.problems.math500 import math_problems
from helpers.problems.puzzles import Puzzle, can_reach, is_solved, make_puzzles, numbers_left
from helpers.problems.questions import (
    Problem,
    context_problems,
    handbook_problems,
    multiplication_problems,
    one_step_problems,
    seed_problems,
    word_problems,
)
from helpers.problems.stored import held_out, pair_held_out
from helpers.problems.tables import SYSTEM_SQL, TableQuestion, table_questions

__all__ = [
    "SYSTEM_SQL",
    "Problem",
    "Puzzle",
    "TableQuestion",
    "can_reach",
    "context_problems",
    "handbook_problems",
    "held_out",
    "is_solved",
    "make_puzzles",
    "math_problems",
    "multiplication_problems",
    "numbers_left",
    "one_step_problems",
    "pair_held_out",
    "seed_problems",
    "table_questions",
    "word_problems",
]
