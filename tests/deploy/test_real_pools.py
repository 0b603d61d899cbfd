"""The table of README is what the shipped samples of SmolLM2 give."""

from types import SimpleNamespace

from config import ROOT
from deploy.real_pools import REWARD_MODEL, as_markdown, conversations, into_readme
from helpers.pools import RecordedScores
from helpers.pools.real import REAL, SCORES, real_pool


def test_the_readme_shows_what_the_shipped_samples_give(tmp_path):
    table = as_markdown(real_pool())
    shown = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"<!-- real -->\n{table}<!-- /real -->" in shown
    copy = tmp_path / "README.md"
    copy.write_text(shown.replace(table, "old\n"), encoding="utf-8")
    into_readme(table, copy)
    assert copy.read_text(encoding="utf-8") == shown


def test_every_shipped_sample_has_a_score_of_the_reward_model():
    scores = RecordedScores(SimpleNamespace(name="course-rm"), REWARD_MODEL, REAL / SCORES)
    assert scores.missing(conversations(real_pool())) == []
