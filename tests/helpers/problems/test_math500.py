"""MATH-500: through `datasets`, from its cache, or products in its place."""

import json
import subprocess
import sys

import pytest

from config import ROOT
from helpers.answers import answers_match
from helpers.problems import math_problems


@pytest.fixture
def math_folder(tmp_path, monkeypatch):
    """A copy of a data set like MATH-500, 30 rows, and a cache of its own."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    answers = [r"\left( 3, \frac{\pi}{2} \right)", "p - q", r"\frac{14}{3}", r"\text{Evelyn}", r"90^\circ"]
    (tmp_path / "math").mkdir()
    with (tmp_path / "math" / "test.jsonl").open("w") as file:
        for i in range(30):
            row = {"problem": f"What is {i}?", "solution": "", "answer": answers[i % 5], "subject": "Algebra"}
            file.write(json.dumps(row | {"level": 1 + i % 5, "unique_id": f"test/algebra/{i}.json"}) + "\n")
    return tmp_path / "math"


def test_math_problems_come_through_datasets(math_folder, capfd):
    found = math_problems(10, seed=1, source=math_folder)
    assert capfd.readouterr() == ("", "")
    assert len({p.id for p in found}) == 10 and {p.kind for p in found} == {"math"}
    assert (
        found
        == math_problems(10, seed=1, source=math_folder)
        != math_problems(10, seed=2, source=math_folder)
    )
    answers = {p.answer for p in math_problems(30, source=math_folder)}
    assert {"14/3", "Evelyn", "90"} < answers and all(answers_match(answer, answer) for answer in answers)
    with pytest.raises(ValueError, match="there are 30 problems in"):
        math_problems(31, source=math_folder)


def test_without_a_network_the_copy_in_the_cache_answers(math_folder, capfd, monkeypatch):
    import datasets

    expected = math_problems(10, source=math_folder)
    [made] = (math_folder.parent / "cache" / "math" / "default" / "0.0.0").glob("*/math-test.arrow")
    cached = (
        math_folder.parent / "cache" / "HuggingFaceH4___math-500" / "default" / "0.0.0" / made.parent.name
    )
    cached.mkdir(parents=True)
    made.rename(cached / "math-500-test.arrow")
    (made.parent / "dataset_info.json").rename(cached / "dataset_info.json")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    assert math_problems(10) == expected
    assert capfd.readouterr() == ("", "") and datasets.config.HF_HUB_OFFLINE is True


def test_without_a_network_products_stand_in_and_say_so(capfd, monkeypatch, tmp_path):
    environment = {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path),
        "PATH": "",
        "PYTHONPATH": str(ROOT),
    }
    code = "from helpers.problems import math_problems as m; print([p.kind for p in m(7)])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    said, kinds = done.stdout.splitlines()
    assert (
        said.startswith("HuggingFaceH4/MATH-500 could not be loaded (")
        and "7 multiplication problems" in said
    )
    assert kinds == str(["multiplication"] * 7) and done.stderr == ""
