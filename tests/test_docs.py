"""The pages of docs/ say what the code does: memory of the models, settings, the words of refusals."""

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
    assert {"MODEL", "API_KEY", "ENDPOINT_BASE"} <= named <= set(NAMES)


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
