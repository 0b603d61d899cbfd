"""What the texts of 09 say of their figures holds on the models and tables that come with the course.

Sentences that may turn out either way are written by the cells themselves, from what was measured. Here
stand the conditions of those that are fixed: the notebook is run once, and each is asked of its variables.
"""

import shutil

import pytest

from grading.course import ROOT
from tests.notebooks.reading import read
from tests.notebooks.whole import untrue

PATH = ROOT / "solutions" / "09_budget" / "09_budget.ipynb"
CLAIMS = {
    "so a vote of 32 costs hardly more than one reply": (
        "[row['seconds'] for row in curves if row['role'] == 'small'][-1] < 1.1 * curves[0]['seconds']"
    ),
    "so they flatter the large one": "not found or found['tokens'] > found['flops']",
    "has to guess, and the model guesses badly": (
        "sum(next(r for r in thinking if r['what'] == str(CAPS[0]))['right']) < sum(free_marks) / 2"
    ),
    "From the length on that its chains need by themselves a cap costs nothing": (
        "sum(next(r for r in thinking if r['what'] == str(CAPS[-1]))['right']) >= sum(free_marks) - 2"
    ),
    "Votes stand on one upright line": (
        "timed[timed['method'] == 'majority vote']['seconds'].agg(['min', 'max']).pct_change().max() < 0.05"
    ),
    "Both lines spend the same": "all(abs(fmean(s) - mean) < 0.5 for (_, mean), s in spent.items())",
    "The best of them is what you have to beat": (
        "all(fmean(o.utility for o in mine) > fmean(o.utility for o in replay(f, questions)) for f in FIXED)"
    ),
}  # fmt: skip


def test_each_claim_is_a_sentence_of_the_notebook():
    text = "\n".join(cell.source for cell in read(PATH).cells)
    assert [sentence for sentence in CLAIMS if sentence not in text] == []


@pytest.mark.slow
def test_what_the_text_says_of_the_figures_is_true(tmp_path):
    folder = shutil.copytree(PATH.parent, tmp_path / "09_budget")
    assert untrue(read(PATH), CLAIMS, folder, seconds=600) == []
