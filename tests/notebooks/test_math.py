"""What 02, 05 and 06 do with `MATH = True`: MATH-500 is asked for a box, boxes are read, and equal answers share a vote."""

import pytest

from config import ROOT
from helpers import models, problems
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
    "recorder = own_pool()",
)


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """What is drawn live goes to a folder of the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


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


def run(monkeypatch, name, lines):
    """The variables of a notebook after these cells, with competition problems in the place of all others."""
    model = boxed_model()
    monkeypatch.setattr(models, "load_model", lambda: model)
    for source in ("math_problems", "word_problems"):
        monkeypatch.setattr(problems, source, lambda *_, **__: BOXED_PROBLEMS)
    names = {}
    sources = [cell.source for cell in read(ROOT / "solutions" / name / f"{name}.ipynb").cells]
    for line in lines:
        [source] = [each for each in sources if line in each and "BEGIN HIDDEN TESTS" not in each]
        exec(source.replace("MATH = False", "MATH = True"), names)
    return names


def test_05_asks_for_boxes_and_reads_them(monkeypatch):
    cells = ("from helpers.models import load_model", "MATH = False", "recorder = own_pool()")
    names = run(monkeypatch, "05_best_of_n_reward_model", cells)
    assert all(r"\boxed{}" in prompt[0]["content"] for prompt in names["prompts"]["math"])
    assert names["unread"] == 0
    shares = [sum(row) / len(row) for row in names["right"]["math"]]
    assert sum(0.6 < share < 0.7 for share in shares) >= 7  # two samples of three are right


def test_06_asks_for_boxes_and_reads_its_checks(monkeypatch):
    cells = ("from helpers.models import load_model", "MATH = False", "def solve(", "problems = math_problems(",
             "def check_request(", "def self_correct(")  # fmt: skip
    names = run(monkeypatch, "06_self_correction", cells)
    assert r"\boxed{}" in names["SYSTEM_COT"]
    assert sum(names["marks"](names["first"])) >= 7
    checked = names["self_correct"](names["model"], names["questions"], names["first"])
    assert sum(names["marks"](checked)) >= 7 and None not in [row["pred"] for row in checked]
