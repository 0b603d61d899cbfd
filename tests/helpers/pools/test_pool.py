"""Pools: replay is what was drawn live, a kill costs one chunk, and writers do not disturb each other."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from config import ROOT
from helpers.models import Decoding, Sample
from helpers.pools import NotRecorded, Pool, own_pool
from helpers.prompts import make_prompt

PROMPTS = [make_prompt("Be brief.", f"What is {i} + {i}? ½") for i in range(6)]


class Model:
    """Samples that depend on the seed, the prompt and their number, as a real model's; counts its draws."""

    def __init__(self, name="course-lm", dies_after=None):
        self.name, self.drawn, self._dies_after = name, 0, dies_after

    def sample(self, prompts, n=1, *, seed=0, temperature=1.0, **decoding):
        if self._dies_after is not None and self.drawn >= self._dies_after:
            os.kill(os.getpid(), 9)
        self.drawn += n * len(prompts)
        return [
            [self._one(prompt[-1]["content"], seed, i, temperature) for i in range(n)] for prompt in prompts
        ]

    def _one(self, text, seed, i, temperature):
        text = f"{text} ({seed}, {i}, {temperature})\nFinal: {i}"
        return Sample(text, 7, -1 / (i + 3), "stop", 11, (-0.123456789, -1e-6, -12.5))


@pytest.fixture
def pool(tmp_path):
    return Pool(tmp_path / "pool", chunk=8)


def parts(pool):
    return list(Path(pool.folder).rglob("part-*.parquet"))


def test_a_replay_is_what_was_drawn_live(pool, capfd):
    model = Model()
    live = pool.sample(model, PROMPTS, 4, live=True, temperature=0.7)
    replay = pool.sample("course-lm", PROMPTS, 4, live=False, temperature=0.7)
    assert replay == live
    assert model.drawn == 24 and len(parts(pool)) == 3
    direct = Model().sample(PROMPTS, 4, temperature=0.7)
    assert [[s.text for s in row] for row in live] == [[s.text for s in row] for row in direct]
    kept = replace(direct[2][3], token_logprobs=(-0.1235, 0.0, -12.5))
    assert live[2][3] == kept
    out, err = capfd.readouterr()
    first, second = out.splitlines()
    assert first.startswith("Live: course-lm drew 24 samples; 0 were in")
    assert second.startswith("Replay: 24 recorded samples of course-lm from") and "no model ran" in second
    assert err == ""


def test_prompts_in_any_order_and_twice(pool):
    everything = pool.sample(Model(), PROMPTS, 4, live=True)
    some = pool.sample("course-lm", [PROMPTS[3], PROMPTS[0], PROMPTS[3]], 2, live=False)
    assert some == [everything[3][:2], everything[0][:2], everything[3][:2]]


def test_only_what_is_missing_is_drawn_and_nothing_repeats(pool):
    model = Model()
    few = pool.sample(model, PROMPTS[:3], 2, live=True)
    assert model.drawn == 6
    more = pool.sample(model, PROMPTS, 5, live=True)
    assert model.drawn == 30
    assert [row[:2] for row in more[:3]] == few
    assert all(len(set(row)) == 5 for row in more)
    assert pool.sample(model, PROMPTS, 5, live=True) == more and model.drawn == 30


def test_every_setting_has_its_own_samples(pool):
    settings = [{}, {"temperature": 0.7}, {"top_p": 0.9}, {"max_tokens": 9}, {"stop": ["\n"]}, {"seed": 1}]
    for count, setting in enumerate(settings, 1):
        model = Model()
        pool.sample(model, PROMPTS[:1], 2, live=True, **setting)
        assert model.drawn == 2 and len(parts(pool)) == count
    other = Model("Qwen/Qwen3-0.6B")
    pool.sample(other, PROMPTS[:1], 2, live=True)
    assert other.drawn == 2
    again = Model()
    pool.sample(again, PROMPTS[:1], 2, live=True, temperature=1, stop=())
    pool.sample(again, PROMPTS[:1], 2, Decoding(seed=1), live=True)
    pool.sample(again, PROMPTS[:1], 2, Decoding(seed=1, temperature=0.3), live=True, temperature=1)
    assert again.drawn == 0, "1 and 1.0, () and [], fields and a Decoding are the same settings"


def test_what_is_absent_is_said_with_what_to_do(pool):
    with pytest.raises(
        NotRecorded, match=r"has fewer than 2 samples for 6 of 6 prompts .*live=True.*nothing"
    ):
        pool.sample(Model(), PROMPTS, 2, live=False)
    pool.sample(Model(), PROMPTS[:4], 2, live=True, temperature=0.7)
    with pytest.raises(NotRecorded, match=r"2 of 6 prompts"):
        pool.sample(Model(), PROMPTS, 2, live=False, temperature=0.7)
    with pytest.raises(
        NotRecorded, match=r"temperature 1\.0.*what is recorded \(model course-lm, temperature 0\.7"
    ):
        pool.sample(Model(), PROMPTS[:4], 2, live=False)
    with pytest.raises(TypeError, match="pass the model itself"):
        pool.sample("course-lm", PROMPTS, 2, live=True)


RECORD = """
import sys
from pathlib import Path
sys.path[:0] = [{root!r}, {here!r}]
from test_pool import PROMPTS, Model
from helpers.pools import Pool
model = Model(dies_after={dies_after})
Pool({folder!r}, chunk=8).sample(model, PROMPTS, 4, live=True)
print(model.drawn)
"""


def start(pool, dies_after=None):
    code = RECORD.format(
        root=str(ROOT), here=str(Path(__file__).parent), dies_after=dies_after, folder=str(pool.folder)
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_a_killed_run_goes_on_where_it_was(pool, tmp_path):
    killed = start(pool, dies_after=16)
    killed.communicate()
    assert killed.returncode == -9
    assert len(parts(pool)) == 2
    model = Model()
    resumed = pool.sample(model, PROMPTS, 4, live=True)
    assert model.drawn == 8
    assert resumed == Pool(tmp_path / "whole").sample(Model(), PROMPTS, 4, live=True)


def test_several_processes_record_at_once(pool):
    runs = [start(pool) for _ in range(2)]
    drawn = [int(run.communicate()[0].splitlines()[-1]) for run in runs]
    assert all(run.returncode == 0 for run in runs)
    assert sum(drawn) >= 24
    model = Model()
    together = pool.sample(model, PROMPTS, 4, live=True)
    assert model.drawn == 0
    assert all(len(set(row)) == 4 for row in together)


def test_a_sample_that_two_processes_drew_counts_once_and_the_first_stays(pool, tmp_path):
    first = pool.sample(Model(), PROMPTS, 4, live=True)
    other = Pool(tmp_path / "other")
    Model._one, own = lambda *_: Sample("later", 1, 0.0, "stop"), Model._one
    try:
        other.sample(Model(), PROMPTS, 5, live=True)
    finally:
        Model._one = own
    [later] = parts(other)
    later.rename(parts(pool)[0].parent / later.name)
    merged = pool.sample("course-lm", PROMPTS, 5, live=False)
    assert [row[:4] for row in merged] == first and {row[4].text for row in merged} == {"later"}
    pool.compact()
    assert pool.sample("course-lm", PROMPTS, 5, live=False) == merged


def test_what_you_draw_is_kept_in_the_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    own = own_pool(chunk=2)
    assert own == Pool(tmp_path / "inference-scaling" / "pools", 2)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert own_pool().folder == tmp_path / "home" / ".cache" / "inference-scaling" / "pools"


def test_an_unfinished_file_is_not_read(pool):
    whole = pool.sample(Model(), PROMPTS, 4, live=True)
    (parts(pool)[0].parent / ".half").write_bytes(b"PAR1 and then nothing")
    assert pool.sample("course-lm", PROMPTS, 4, live=False) == whole


def test_compact_leaves_one_file_a_setting_and_every_sample(pool):
    before = pool.sample(Model(), PROMPTS, 4, live=True)
    warm = pool.sample(Model(), PROMPTS, 4, live=True, temperature=0.7)
    assert len(parts(pool)) == 6
    pool.compact()
    assert len(parts(pool)) == 2
    pool.compact()
    assert pool.sample("course-lm", PROMPTS, 4, live=False) == before
    assert pool.sample("course-lm", PROMPTS, 4, live=False, temperature=0.7) == warm


def test_datasets_reads_a_pool(pool, tmp_path):
    import datasets

    pool.sample(Model(), PROMPTS, 4, live=True, stop=["\n\n"])
    files = [str(part) for part in parts(pool)]
    table = datasets.load_dataset(
        "parquet", data_files=files, split="train", cache_dir=str(tmp_path / "cache")
    )
    assert len(table) == 24 and set(table["model"]) == {"course-lm"}
    assert table[0]["stop"] == ["\n\n"] and set(table["index"]) == {0, 1, 2, 3}


def test_importing_loads_no_heavy_library():
    heavy = {"datasets", "pyarrow", "pandas", "torch"}
    code = f"import sys, helpers.pools; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
