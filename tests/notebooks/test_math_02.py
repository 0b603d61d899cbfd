"""What 02 does with `MATH = True`: MATH-500 is asked for a box, boxes are read, and equal answers share a vote."""

import pytest

from grading.course import ROOT
from helpers import models
from tests.helpers.boxed import BOXED_PROBLEMS, boxed_model
from tests.notebooks.reading import read

NAME = "02_majority_vote"
CELLS = (  # one line of each cell that a vote needs, in order
    "from helpers.models import load_model",
    "MATH = False",
    "SYSTEM_COT = ",
    "def read_answer(",
    "def majority_vote(",
    "def vote_all(",
    "recorder = Pool(",
)


@pytest.fixture
def names(monkeypatch):
    """The variables of the notebook after its pool is drawn, for competition problems alone, six samples each."""
    model = boxed_model()
    monkeypatch.setattr(models, "load_model", lambda: model)
    names = {"data": {"math": BOXED_PROBLEMS}, "N": 6}
    sources = [cell.source for cell in read(ROOT / "solutions" / NAME / f"{NAME}.ipynb").cells]
    for line in CELLS:
        [source] = [each for each in sources if line in each and "BEGIN HIDDEN TESTS" not in each]
        exec(source.replace("MATH = False", "MATH = True"), names)
    return names


def test_a_box_is_asked_for_and_read(names):
    assert all(r"\boxed{}" in prompt[0]["content"] for prompt in names["prompts"])
    answers = [names["read_answer"](sample) for samples in names["pools"]["math", 1.0] for sample in samples]
    assert len(answers) == 60 and None not in answers


def test_equal_answers_share_a_vote(names):
    def vote(answers):
        return names["majority_vote"](names["equal_as_one"](answers))

    voted = names["vote_all"](names["pools"]["math", 1.0], BOXED_PROBLEMS, vote)
    assert sum(row["right"] for row in voted) >= 7
    assert vote(["2", "0.5", "2", r"\frac12", "1/2"]) == "0.5"
