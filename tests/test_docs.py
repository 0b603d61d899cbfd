"""The pages of docs/ say what the code does: memory of the models, settings, the words of refusals."""

import json
import re

import pytest

from config import NAMES, ROOT
from helpers.engine.hardware import GIB, KNOWN, needed_bytes
from helpers.judges import CLASSES

MODELS = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
ENDPOINT = (ROOT / "docs" / "endpoint.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in KNOWN if not name.endswith("14B")])
def test_the_memory_of_a_model_is_the_one_that_is_asked_for(name):
    short = name.rpartition("/")[2]
    [shown] = re.findall(
        rf"^\| (?:Skywork-Reward-V2-)?{re.escape(short)} \|.*?\| ([\d., -]+) \|", MODELS, re.M
    )[:1]
    kinds = ("float32", "bfloat16", "4bit")
    numbers = [f"{needed_bytes(KNOWN[name], kind) / GIB:.1f}" for kind in kinds]
    assert all(said in (number, "-") for said, number in zip(shown.split(", "), numbers, strict=True))


def test_every_setting_on_the_pages_is_one():
    named = set(re.findall(r"\b([A-Z]+(?:_[A-Z]+)*)=", MODELS + ENDPOINT))
    assert {"MODEL", "API_KEY", "ENDPOINT_BASE"} <= named - {"PYTHONPATH"} <= set(NAMES)


def test_the_classes_of_the_page_are_those_of_the_judge():
    rows = re.findall(r"^\| (\w[\w ]*?) \| it ", MODELS, re.M) + re.findall(
        r"^\| (\w+) \| all of it", MODELS, re.M
    )
    assert set(rows) == set(CLASSES)


def test_what_the_page_says_one_sees_is_what_the_course_says():
    source = (ROOT / "helpers" / "endpoint" / "transport.py").read_text(encoding="utf-8")
    for words in (
        "refuses the API key (",
        "knows no model",
        "is no chat completion",
        "is too busy (429",
        "quota of this API key",
    ):
        assert words in source and words.split(" (")[0] in ENDPOINT


METHODS = json.loads((ROOT / "prebuilt" / "methods.json").read_text(encoding="utf-8"))["rows"]
WORDS, PRODUCTS = "word problems", "products"
SUMS, WEIGHTED, LARGE = "vote, sums checked", "weighted vote", "best of N, large model's probability"
README_GAINS = [
    (WORDS, "majority vote", 8), (WORDS, "majority vote", 32), (WORDS, SUMS, 8), (WORDS, SUMS, 32),
    (PRODUCTS, SUMS, 32), (WORDS, WEIGHTED, 32), (WORDS, LARGE, 32), (WORDS, "check itself", 1),
    (WORDS, "check, stop rule", 1), (WORDS, "best of N, judge", 4),
]  # fmt: skip
DECK_GAINS = [
    (WORDS, "majority vote", 32), (PRODUCTS, "majority vote", 32), (WORDS, "best of N, reward", 32),
    (WORDS, WEIGHTED, 32), (WORDS, SUMS, 32), (WORDS, "check itself", 1), (WORDS, "check, stop rule", 1),
    (WORDS, "Wait", 1),
]  # fmt: skip


def measured(data: str, method: str, k: int) -> dict:
    """The row of the main figure."""
    [row] = [r for r in METHODS if (r["data"], r["method"], r["k"]) == (data, method, k)]
    return row


def points(*shares: float) -> tuple[int, ...]:
    return tuple(round(100 * share) for share in shares)


def quoted(name: str) -> list[tuple[int, ...]]:
    """Every `points [low, high]` of a page."""
    text = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    text = text.partition("## What the course model can do")[0]
    return [tuple(map(int, m)) for m in re.findall(r"([+-]?\d+)(?: points)? \[(-?\d+), (-?\d+)\]", text)]


@pytest.mark.parametrize(
    ("page", "gains"), [("README.md", README_GAINS), ("docs/slides/deck.md", DECK_GAINS)]
)
def test_the_gains_that_a_page_quotes_are_those_of_the_main_figure(page, gains):
    rows = [measured(*gain) for gain in gains]
    expected = [points(row["gain"], row["gain_low"], row["gain_high"]) for row in rows]
    report = json.loads((ROOT / "prebuilt/models/judge_report.json").read_text(encoding="utf-8"))
    judge = points(*report["chosen is right"]["all questions"]["point-wise - majority"])
    assert sorted(quoted(page)) == sorted(expected + ([judge] if page == "README.md" else []))


def test_the_accuracies_that_the_readme_quotes_are_those_of_the_main_figure():
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    shares = [measured(WORDS, m, 1)["accuracy"] for m in ("at once", "chain of thought")]
    shares.append(measured(WORDS, "the large model, one greedy chain", 1)["accuracy"])
    said = re.search(r"right on (\d+) % of the word problems, one greedy chain of thought on (\d+) %", text)
    sibling = re.search(r"one chain of the stronger sibling stands \((\d+) %\)", text)
    assert (*map(int, said.groups()), int(sibling[1])) == points(*shares)
