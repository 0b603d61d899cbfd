"""What the texts of 09 say of their figures holds on the models and tables that come with the course.

Sentences that may turn out either way are written by the cells themselves, from what was measured. Here
stand the conditions of those that are fixed: the notebook is run once, and each is asked of its variables.
"""

import shutil

import pytest
from nbformat.v4 import new_code_cell

from grading.course import ROOT
from tests.notebooks.reading import read
from tests.notebooks.whole import untrue
from training.budget import key

PATH = ROOT / "solutions" / "09_budget" / "09_budget.ipynb"
CLAIMS = {
    "it has as many parameters as the small one": (
        "measured['parameters'][SMALL] == measured['parameters'][LARGE]"
    ),
    "and here it is better, so the small model's greedy reply": (
        "all(paired_difference(greedy[r['role']], [votes(q, r['role'], 1) for q in questions]).low > 0"
        " for r in ({'role': 'small'}, {'role': 'large'}))"
    ),
    "so they flatter the large one": "not found or found['tokens'] > found['flops']",
    "takes longer than one reply, but far less than 32 times as long": "1.1 < slower < 32 / 8",
    "which saw six times as much training": "abs(last['trained on'] / early['trained on'] - 6) < 0.1",
    "has to guess, and the model guesses badly": "kept[CAPS[0]] < sum(free_marks) / 2",
    "Votes are nearly upright": "1 < longest[32] / longest[1] < 2",
    "Both ways spend the same": "all(abs(fmean(s) - mean) < 0.5 for (_, mean), s in spent.items())",
    "It saves only the large answers that are **not** asked for": (
        "all(abs(alone * (1 - v[:, 3].mean()) - (alone - v[:, 2].mean())) < 0.2 * alone for v in outcomes.values())"
    ),
    "has its threshold, four of eight, from the figure above": "pays_from == 4",
    "one of the large model is right less often than the greedy one": (
        "large_votes[0]['n'] == 1 and large_votes[0]['gap'].high < 0"
    ),
    "The best of the six is what you have to beat": (
        "all(fmean(o.utility for o in mine) > fmean(o.utility for o in replay(f, questions)) + 0.05 for f in FIXED)"
    ),
    "the best of the six, earns 0.25 there": (
        "round(held_out.graded(vote_or_silence, KEY), 2) == 0.25"
        " == max(round(held_out.graded(f, KEY), 2) for f in FIXED)"
    ),
    "gets no points, lucky or not": "held_out.BARS == (0.05, 0.30) and held_out.ORDERS == 5",
}  # fmt: skip


def test_each_claim_is_a_sentence_of_the_notebook():
    text = "\n".join(cell.source for cell in read(PATH).cells)
    assert [sentence for sentence in CLAIMS if sentence not in text] == []


@pytest.mark.slow
def test_what_the_text_says_of_the_figures_is_true(tmp_path):
    folder = shutil.copytree(PATH.parent, tmp_path / "09_budget")
    notebook = read(PATH)
    notebook.cells.append(new_code_cell(f"from helpers.pools import budget as held_out\nKEY = {key()!r}"))
    assert untrue(notebook, CLAIMS, folder, seconds=600) == []
