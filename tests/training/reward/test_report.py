import json
import random

import pytest

from helpers.models import Sample
from helpers.problems import Problem
from training.reward import report as reward_report
from training.reward.report import (
    LIKELY,
    MAJORITY,
    ORACLE,
    RATIO,
    REWARD,
    STEP,
    VOTES,
    WEAKEST,
    accuracy,
    as_markdown,
    candidates,
    pair_accuracy,
    report,
    verdict,
    write,
)


class Judge:
    """Scores an answer by a rule; counts what it was asked."""

    name = "judge"

    def __init__(self, rule):
        self.rule, self.asked = rule, []

    def score(self, conversations):
        self.asked += conversations
        return [self.rule(c[-2]["content"], c[-1]["content"]) for c in conversations]


def made(n: int = 40, samples: int = 8, seed: int = 0):
    """Problems on which a third of the samples is right and the wrong ones agree more often than not."""
    rng, problems, drawn = random.Random(seed), [], []
    for i in range(n):
        problems.append(Problem(f"p{i}", f"question {i}", str(i), "word", 2 + i % 2))
        texts = [
            f"Final: {i}" if rng.random() < 0.35 else f"Final: {i + rng.choice((1, 1, 2))}"
            for _ in range(samples)
        ]
        drawn.append([Sample(t, 3, -len(t) - rng.random(), "stop", 5, (-1.0, -rng.random())) for t in texts])
    return problems, drawn


def pool(sharpness: float, seed: int = 0):
    """Candidates under reward models that see the truth through noise."""
    problems, drawn = made(seed=seed)
    gold, rng = {p.question: p.answer for p in problems}, random.Random(seed)

    def noisy(question, text):
        return sharpness * (1 if text == f"Final: {gold[question]}" else -1) + rng.gauss(0, 1)

    steps = Judge(lambda q, t: [0.5, 1 / (1 + 2.718 ** -noisy(q, t))])
    return candidates(problems, drawn, Judge(noisy), steps, *[Judge(lambda q, t: 0.0)] * 2)


def test_pairs_in_order():
    assert pair_accuracy([True, False, True], [3.0, 2.0, 1.0]) == 0.5
    assert pair_accuracy([True, False], [1.0, 1.0]) == 0.5
    assert pair_accuracy([True, False, False], [2.0, 1.0, 0.0]) == 1.0
    assert pair_accuracy([True, True], [2.0, 1.0]) is None
    assert pair_accuracy([False], [2.0]) is None


def test_equal_samples_are_scored_once_each_with_its_own_question():
    problems, drawn = made(5)
    judge = Judge(lambda question, text: float(question.split()[1]) * 100 + int(text.split()[1]))
    found = candidates(problems, drawn, judge, Judge(lambda q, t: []), judge, judge)
    asked = [(c[-2]["content"], c[-1]["content"]) for c in judge.asked]
    assert len(asked) == 3 * len(set(asked))  # as reward model, as density ratio, as likelihood
    systems = [c[0]["role"] for c in judge.asked]
    assert set(systems) == {
        "user",
        "system",
    }  # the density ratio sees the prompt that the samples were drawn with
    for i, (c, row) in enumerate(zip(found, drawn, strict=True)):
        assert c.scores[REWARD] == tuple(i * 100.0 + int(s.text.split()[1]) for s in row)
        assert c.scores[STEP] == (0.0,) * 8  # no step, no credit
        assert c.scores[LIKELY] == tuple(s.logprob for s in row)
        assert c.scores[WEAKEST] == (-1.0,) * 8
        assert c.correct == tuple(s.text == f"Final: {i}" for s in row)


def test_a_perfect_scorer_is_the_oracle_and_a_blind_one_a_single_sample():
    perfect = pool(50.0)
    for c in perfect:
        for k in (1, 4, 8):
            assert accuracy(REWARD, k, c) == pytest.approx(accuracy(ORACLE, k, c))
            assert accuracy(RATIO, k, c) == pytest.approx(sum(c.correct) / 8)
        assert accuracy(f"vote weighted by {REWARD}", 8, c) == float(any(c.correct))


def test_the_report_knows_a_good_reward_model_from_a_useless_one():
    good, useless = report(pool(2.0)), report(pool(0.0))
    assert list(good["accuracy"][MAJORITY]) == ["1", "2", "4", "8"]
    assert good["pair accuracy"][REWARD][0] > 0.9 and 0.4 < useless["pair accuracy"][REWARD][0] < 0.6
    assert good["above the majority"][REWARD]["8"][1] > 0 and "more than chance" in verdict(good)
    assert "majority of 8" in verdict(good) and "more than chance" not in verdict(useless).replace(
        "not more", ""
    )
    for method in (REWARD, STEP, *VOTES, MAJORITY):
        for k in ("1", "2", "4", "8"):
            assert good["accuracy"][method][k][0] <= good["accuracy"][ORACLE][k][0] + 1e-9
    assert set(good["accuracy at k = 8, by kind of problem"]) == {"2 steps", "3 steps"}
    blind = report(pool(-3.0))
    assert blind["above the majority"][REWARD]["8"][2] < 0 and "below it" in verdict(blind)


def test_it_is_written_as_data_text_and_picture(tmp_path):
    found = report(pool(2.0))
    write(found, tmp_path)
    assert json.loads((tmp_path / "reward_report.json").read_text()) == found
    text = (tmp_path / "reward_report.md").read_text()
    assert text == as_markdown(found) and verdict(found) in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert (
        len({line.count("|") for line in rows if line.startswith(("| chosen", f"| {REWARD} ", "| oracle"))})
        == 1
    )
    assert (tmp_path / "reward_report.png").stat().st_size > 10_000


def test_the_problems_are_held_out_and_of_every_kind():
    problems = reward_report.test_problems(2)
    assert len(problems) == 2 * 10 and len({p.id for p in problems}) == 20
